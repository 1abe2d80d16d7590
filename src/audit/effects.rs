//! What a call that was answered has done to objects.

use std::collections::BTreeMap;

use super::actor::Actor;
use super::change::Change;
use super::decoder::{Decoder, Named};
use super::digest::{at, first_place, shown_time};
use super::field::{FieldChange, changed, masked};
use super::fields::{FieldValue, Fields};
use super::json::Json;
use super::life::state;
use super::object::{About, ObjectName};
use super::objects::{Object, Objects};
use super::shown::Fate;
use crate::invocation::{Effect, Invocation};
use crate::view::View;

/// What a call that was answered has changed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) object: ObjectName,
    pub(super) changed: BTreeMap<String, FieldChange>,
    pub(super) requested: BTreeMap<String, Json>,
    pub(super) incarnation: Option<u64>,
    /// What is known of the object behind the call, if somebody wants it.
    pub(super) state: Option<Fields>,
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
            effects.changed = changed(None, &fields);
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
                effects.changed = changed(before.map(|before| &before.fields), &fields);
                effects.follow(objects.edit(&asked, &fields), wants_state);
            }
            Effect::Set => {
                effects.changed = changed(before.map(|before| &before.fields), &fields);
                effects.follow(objects.set(&asked, &fields), wants_state);
            }
            Effect::Delete => {
                if before.is_none() {
                    // It has a life all the same, of which the log shows the end.
                    let object = objects.edit(&asked, &Fields::default());
                    effects.incarnation = object.map(|object| object.incarnation);
                }
                let gone = objects.delete(&asked).unwrap_or_default().fields;
                effects.changed = gone
                    .iter()
                    .map(|(name, value)| (name.to_owned(), ended(&value)))
                    .collect();
            }
            Effect::ChangePassword => {
                let secrets = secrets(&fields);
                let names = secrets.iter().map(|(name, _)| name.to_owned());
                effects.changed = names.map(|name| (name, other_secret())).collect();
                effects.follow(objects.set(&asked, &secrets), wants_state);
            }
            Effect::Upload => {
                effects.changed = changed(None, &fields);
                effects.follow(objects.edit(&asked, &fields), wants_state);
            }
            Effect::Other | Effect::Create | Effect::Show => {
                effects.requested = state(&fields);
                effects.follow(objects.forget(&asked, &fields), wants_state);
            }
        }
        effects
    }

    /// The change that this call has made.
    pub(super) fn into_change(
        self,
        invocation: &Invocation<'_>,
        about: &About,
        actor: &Actor<'_>,
        view: &View,
    ) -> Change {
        Change {
            time: shown_time(invocation, view),
            server: invocation.server.map(ToOwned::to_owned),
            actor: actor.remote.as_deref().map(ToOwned::to_owned),
            effective_actor: actor.parent.as_deref().map(ToOwned::to_owned),
            object_type: self.object.object_type,
            object_id: self.object.object_id,
            object_name: self.object.object_name,
            action: about.action(invocation.service),
            outcome: invocation.outcome(),
            changed: self.changed,
            requested: self.requested,
            failure: None,
            cid: invocation.cid.map(ToOwned::to_owned),
            service: invocation.service.to_owned(),
            duration_ms: invocation.duration_ms(),
            caller: actor.clone().into_owned(),
            call: invocation.identity.id().to_string(),
            at: first_place(invocation).map(at).unwrap_or_default(),
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

fn ended(value: &FieldValue<'_>) -> FieldChange {
    FieldChange {
        before: Some(value.shown()),
        after: None,
        is_secret: value.is_secret(),
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

fn other_secret() -> FieldChange {
    FieldChange {
        before: None,
        after: Some(masked()),
        is_secret: true,
    }
}
