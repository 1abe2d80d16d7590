//! What a call that was answered has done to objects.

use std::borrow::Cow;

use super::actor::Actor;
use super::change::Change;
use super::decoder::{Decoder, Named};
use super::digest::{at, first_place, shown_time};
use super::field::{ChangedFields, FieldChange, FieldValues, changed, masked, shown_values};
use super::fields::{FieldValue, Fields};
use super::object::{About, ObjectName};
use super::objects::{Object, Objects};
use super::shown::Fate;
use crate::invocation::{Effect, Invocation};
use crate::view::View;

/// What a call that was answered has changed.
#[derive(Debug)]
pub(super) struct Effects {
    pub(super) object: ObjectName,
    done: Done,
    pub(super) incarnation: Option<u64>,
    /// What is known of the object behind the call, if somebody wants it.
    pub(super) state: Option<Fields>,
}

/// What was done to the fields of an object.
#[derive(Debug)]
enum Done {
    /// `before` is not known of an object that was not known, and of what is made anew.
    Changed {
        before: Option<Fields>,
        after: Fields,
    },
    /// What they were when it was deleted.
    Ended(Fields),
    /// Secrets that it got.
    Secrets(Fields),
    /// What the call asked for; nobody knows what came of it.
    Requested(Fields),
}

impl Effects {
    /// Does to the objects what a call has done.
    pub(super) fn of(
        objects: &mut Objects,
        effect: Effect,
        asked: Named,
        decoder: &mut Decoder,
        wants_state: bool,
    ) -> Self {
        let Named {
            name: asked,
            fields,
        } = asked;
        if effect == Effect::Create {
            let object = objects.create(&asked, fields.clone());
            let (before, after) = (None, fields);
            let done = Done::Changed { before, after };
            return Self::new(asked.clone(), done).followed(object, wants_state);
        }
        let fate = if effect == Effect::Delete {
            Fate::Goes
        } else {
            Fate::Stays
        };
        objects.recall(&asked, fate, decoder);
        let known = objects.find(&asked);
        let name = known.map_or(&asked, |known| &known.name).clone();
        let mut incarnation = known.map(|known| known.incarnation);
        let (done, object) = match effect {
            Effect::Edit | Effect::Set => {
                let (before, after) = (known.map(|known| known.fields.clone()), fields);
                let object = if effect == Effect::Edit {
                    objects.edit(&asked, &after)
                } else {
                    objects.set(&asked, &after)
                };
                (Done::Changed { before, after }, object)
            }
            Effect::Delete => {
                if known.is_none() {
                    // It has a life all the same, of which the log shows the end.
                    let object = objects.edit(&asked, &Fields::default());
                    incarnation = object.map(|object| object.incarnation);
                }
                let gone = objects.delete(&asked).unwrap_or_default();
                (Done::Ended(gone.fields), None)
            }
            Effect::ChangePassword => {
                let secrets = secrets(&fields);
                let object = objects.set(&asked, &secrets);
                (Done::Secrets(secrets), object)
            }
            Effect::Upload => {
                let object = objects.edit(&asked, &fields);
                let (before, after) = (None, fields);
                (Done::Changed { before, after }, object)
            }
            Effect::Other | Effect::Create | Effect::Show => {
                let object = objects.forget(&asked, &fields);
                (Done::Requested(fields), object)
            }
        };
        let effects = Self {
            incarnation,
            ..Self::new(name, done)
        };
        effects.followed(object, wants_state)
    }

    fn new(object: ObjectName, done: Done) -> Self {
        Self {
            object,
            done,
            incarnation: None,
            state: None,
        }
    }

    /// With what is known of the object behind the call.
    fn followed(mut self, object: Option<&Object>, wants_state: bool) -> Self {
        if let Some(object) = object {
            self.incarnation = Some(object.incarnation);
            self.state = wants_state.then(|| object.fields.clone());
            // An object that was not known has the name that the request gives it.
            if self.object.object_name.is_none() {
                self.object.object_name.clone_from(&object.name.object_name);
            }
        }
        self
    }

    /// The change that this call has made.
    pub(super) fn change<'c>(
        &'c self,
        invocation: &Invocation<'c>,
        about: &About,
        actor: &Actor<'c>,
        view: &View,
    ) -> Change<'c> {
        Change {
            time: shown_time(invocation, view).map(Cow::Owned),
            server: invocation.server.map(Cow::Borrowed),
            actor: actor.remote.clone(),
            effective_actor: actor.parent.clone(),
            object_type: Cow::Borrowed(&self.object.object_type),
            object_id: self.object.object_id.as_deref().map(Cow::Borrowed),
            object_name: self.object.object_name.as_deref().map(Cow::Borrowed),
            action: about.action(invocation.service),
            outcome: invocation.outcome(),
            changed: self.changed(),
            requested: self.requested(),
            failure: None,
            cid: invocation.cid.map(Cow::Borrowed),
            service: Cow::Borrowed(invocation.service),
            duration_ms: invocation.duration_ms(),
            caller: actor.clone(),
            call: Cow::Owned(invocation.identity.id().to_string()),
            at: first_place(invocation).map(at).unwrap_or_default(),
        }
    }

    fn changed(&self) -> ChangedFields<'_> {
        match &self.done {
            Done::Changed { before, after } => changed(before.as_ref(), after),
            Done::Ended(fields) => {
                let fields = fields.iter();
                let ended = fields.map(|(name, value)| (Cow::Borrowed(name), ended(value)));
                ended.collect()
            }
            Done::Secrets(fields) => {
                let fields = fields.iter();
                let others = fields.map(|(name, _)| (Cow::Borrowed(name), other_secret()));
                others.collect()
            }
            Done::Requested(_) => ChangedFields::new(),
        }
    }

    fn requested(&self) -> FieldValues<'_> {
        match &self.done {
            Done::Requested(fields) => shown_values(fields),
            Done::Changed { .. } | Done::Ended(_) | Done::Secrets(_) => FieldValues::new(),
        }
    }
}

fn ended(value: FieldValue<'_>) -> FieldChange<'_> {
    let is_secret = value.is_secret();
    FieldChange {
        before: Some(value.shown()),
        after: None,
        is_secret,
    }
}

fn secrets(fields: &Fields) -> Fields {
    let mut secrets = fields.secrets().peekable();
    if secrets.peek().is_none() {
        return [("password", FieldValue::Secret(None))]
            .into_iter()
            .collect();
    }
    secrets.collect()
}

fn other_secret() -> FieldChange<'static> {
    FieldChange {
        before: None,
        after: Some(masked()),
        is_secret: true,
    }
}
