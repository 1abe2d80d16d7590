//! What a call that was answered has done to objects.

use std::borrow::Cow;

use super::actor::Actor;
use super::change::Change;
use super::decoder::{Decoder, Named};
use super::digest::{at, first_place, shown_time};
use super::field::{ChangedFields, FieldChange, changed, masked};
use super::fields::{FieldValue, Fields};
use super::life::{State, state};
use super::object::{About, ObjectName};
use super::objects::{Object, Objects};
use super::shown::Fate;
use crate::invocation::{Effect, Invocation};
use crate::view::View;

/// What a call that was answered has changed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    object: ObjectName,
    told: Told,
    pub(super) incarnation: Option<u64>,
    /// What is known of the object behind the call, if somebody wants it.
    pub(super) state: Option<Fields>,
}

/// What is told of the fields of an object.
#[derive(Debug)]
enum Told {
    /// What they were, if the object was known, and what they have become.
    Changed(Option<Fields>, Fields),
    /// What they were when it was deleted.
    Ended(Fields),
    /// Secrets that it got.
    Secrets(Fields),
    /// What the call asked for; nobody knows what came of it.
    Requested(Fields),
}

impl Default for Told {
    fn default() -> Self {
        Self::Requested(Fields::default())
    }
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
        let mut effects = Self::default();
        if effect == Effect::Create {
            effects.object = asked.clone();
            effects.told = Told::Changed(None, fields.clone());
            effects.follow(objects.create(&asked, fields), wants_state);
            return effects;
        }
        let fate = if effect == Effect::Delete {
            Fate::Goes
        } else {
            Fate::Stays
        };
        objects.recall(&asked, fate, decoder);
        let before = objects.find(&asked);
        effects.object = before.map_or(&asked, |before| &before.name).clone();
        effects.incarnation = before.map(|before| before.incarnation);
        match effect {
            Effect::Edit => {
                let before = before.map(|before| before.fields.clone());
                effects.follow(objects.edit(&asked, &fields), wants_state);
                effects.told = Told::Changed(before, fields);
            }
            Effect::Set => {
                let before = before.map(|before| before.fields.clone());
                effects.follow(objects.set(&asked, &fields), wants_state);
                effects.told = Told::Changed(before, fields);
            }
            Effect::Delete => {
                if before.is_none() {
                    // It has a life all the same, of which the log shows the end.
                    let object = objects.edit(&asked, &Fields::default());
                    effects.incarnation = object.map(|object| object.incarnation);
                }
                let gone = objects.delete(&asked).unwrap_or_default();
                effects.told = Told::Ended(gone.fields);
            }
            Effect::ChangePassword => {
                let secrets = secrets(&fields);
                effects.follow(objects.set(&asked, &secrets), wants_state);
                effects.told = Told::Secrets(secrets);
            }
            Effect::Upload => {
                effects.follow(objects.edit(&asked, &fields), wants_state);
                effects.told = Told::Changed(None, fields);
            }
            Effect::Other | Effect::Create | Effect::Show => {
                effects.follow(objects.forget(&asked, &fields), wants_state);
                effects.told = Told::Requested(fields);
            }
        }
        effects
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
        match &self.told {
            Told::Changed(before, after) => changed(before.as_ref(), after),
            Told::Ended(fields) => {
                let fields = fields.iter();
                let ended = fields.map(|(name, value)| (Cow::Borrowed(name), ended(value)));
                ended.collect()
            }
            Told::Secrets(fields) => {
                let fields = fields.iter();
                let others = fields.map(|(name, _)| (Cow::Borrowed(name), other_secret()));
                others.collect()
            }
            Told::Requested(_) => ChangedFields::new(),
        }
    }

    fn requested(&self) -> State<'_> {
        match &self.told {
            Told::Requested(fields) => state(fields),
            Told::Changed(..) | Told::Ended(_) | Told::Secrets(_) => State::new(),
        }
    }

    /// Takes what is known of the object behind the call.
    fn follow(&mut self, object: Option<&Object>, wants_state: bool) {
        if let Some(object) = object {
            self.incarnation = Some(object.incarnation);
            self.state = wants_state.then(|| object.fields.clone());
            // An object that was not known has the name that the request gives it.
            if self.object.object_name.is_none() {
                self.object.object_name.clone_from(&object.name.object_name);
            }
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
