//! Holds calls against rules, one after the other.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use super::super::change::At;
use super::super::event::{Event, Field, value_text};
use super::super::waiting::Stray;
use super::finding::{Evidence, Finding, Severity};
use super::groups::Groups;
use super::rule::{Kind, Rule, Rules};
use crate::entry::Direction;

/// How many findings of a rule are kept.
pub const MOST_FINDINGS: usize = 1_000;

/// How many places of a finding are kept.
const MOST_EVIDENCE: usize = 10;

/// How many values are remembered to tell first ones.
const MOST_VALUES: usize = 100_000;

/// What has been noticed so far, and what rules remember.
#[derive(Debug)]
pub(in super::super) struct Engine {
    rules: Vec<(Rule, Memory)>,
    disabled: HashSet<String>,
    findings: Vec<Finding>,
    /// How many findings each rule has, with those that are not kept.
    totals: BTreeMap<String, u64>,
}

/// What a rule remembers.
#[derive(Debug, Default)]
struct Memory {
    counts: Groups<Counted>,
    steps: Groups<Stepped>,
    open: Groups<Option<Opened>>,
    /// The values that have come, by what their calls have in common.
    values: BTreeMap<Vec<String>, HashSet<String, foldhash::fast::RandomState>>,
    value_count: usize,
    started: Option<i64>,
    reverts: Groups<Option<Edited>>,
}

/// Calls within a time.
#[derive(Debug, Default)]
struct Counted {
    calls: VecDeque<(i64, Evidence)>,
    /// The finding that they make.
    finding: Option<usize>,
}

#[derive(Debug, Default)]
struct Stepped {
    step: usize,
    times: usize,
    started: i64,
    evidence: Vec<Evidence>,
}

/// A call that waits for another to follow.
#[derive(Debug)]
struct Opened {
    sentence: String,
    evidence: Evidence,
    is_chosen: bool,
}

/// The last edit of a field.
#[derive(Debug)]
struct Edited {
    time: i64,
    before: String,
    after: String,
    evidence: Arc<Evidence>,
}

impl Engine {
    pub(in super::super) fn new(rules: &Rules) -> Self {
        let disabled = rules.disabled.clone();
        let rules = rules.rules.iter().cloned();
        Self {
            disabled,
            rules: rules.map(|rule| (rule, Memory::default())).collect(),
            findings: Vec::new(),
            totals: BTreeMap::new(),
        }
    }

    /// Forgets the calls of the server before.
    pub(in super::super) fn start_server(&mut self) {
        for (_, memory) in &mut self.rules {
            *memory = Memory::default();
        }
    }

    /// Holds a call against all rules. What only calls tell that are not asked for is not said.
    pub(in super::super) fn take(&mut self, event: &Event<'_>, is_chosen: bool) {
        let Some(time) = event.time.map(crate::entry::Asctime::millis) else {
            return;
        };
        let mut rules = std::mem::take(&mut self.rules);
        for (rule, memory) in &mut rules {
            self.hold(rule, memory, event, time, is_chosen);
        }
        self.rules = rules;
    }

    /// What was noticed, the most severe first.
    pub(in super::super) fn finish(mut self) -> Vec<Finding> {
        for finding in &mut self.findings {
            finding.sentence = finding
                .sentence
                .replace("{count}", &finding.count.to_string());
        }
        let mut kept: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in &self.findings {
            *kept.entry(finding.rule.as_str()).or_default() += 1;
        }
        let more: Vec<Finding> = self
            .totals
            .iter()
            .filter_map(|(rule, total)| {
                let more = total - kept.get(rule.as_str()).copied().unwrap_or_default();
                let like = self.findings.iter().find(|finding| finding.rule == *rule)?;
                (more > 0).then(|| Finding {
                    rule: rule.clone(),
                    severity: like.severity,
                    sentence: format!("{more} more findings of this rule"),
                    count: more,
                    evidence: Vec::new(),
                })
            })
            .collect();
        self.findings.extend(more);
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.findings
    }

    /// Says that a payload holds what looks like a record.
    pub(in super::super) fn forged(
        &mut self,
        evidence: &Evidence,
        service: &str,
        direction: Direction,
        is_chosen: bool,
    ) {
        if is_chosen {
            let side = direction.as_str();
            let sentence =
                format!("the {side} of {service} holds text that looks like a record of its own");
            self.say(
                "forged-record",
                Severity::High,
                sentence,
                vec![evidence.clone()],
            );
        }
    }

    /// `fate` tells what became of the request that the response should belong to.
    pub(in super::super) fn foreign_response(&mut self, stray: &Stray, request: &At, fate: &str) {
        if stray.is_chosen {
            let sentence = format!(
                "the response of {} belongs to no request, while that of its thread, at {}:{}, {fate}: \
                 text in a response may pass for records here",
                stray.service, request.file, request.line
            );
            let evidence = vec![stray.evidence.clone()];
            self.say("foreign-response", Severity::Medium, sentence, evidence);
        }
    }

    /// Adds a finding, unless nobody wants it. Returns its number, if it is kept.
    pub(in super::super) fn say(
        &mut self,
        rule: &str,
        severity: Severity,
        sentence: String,
        evidence: Vec<Evidence>,
    ) -> Option<usize> {
        if self.disabled.contains(rule) {
            return None;
        }
        let total = match self.totals.get_mut(rule) {
            Some(total) => total,
            None => self.totals.entry(rule.to_owned()).or_default(),
        };
        *total += 1;
        if *total > MOST_FINDINGS as u64 {
            return None;
        }
        self.findings.push(Finding {
            rule: rule.to_owned(),
            severity,
            sentence,
            count: evidence.len() as u64,
            evidence: evidence.into_iter().take(MOST_EVIDENCE).collect(),
        });
        Some(self.findings.len() - 1)
    }

    fn hold(
        &mut self,
        rule: &Rule,
        memory: &mut Memory,
        event: &Event<'_>,
        time: i64,
        is_chosen: bool,
    ) {
        if let Kind::Steps { steps, within } = &rule.kind {
            // Mostly nothing has begun, and nothing begins.
            if memory.steps.is_empty() && !steps[0].when.fit(event) {
                return;
            }
            let Some(key) = key(rule, event) else { return };
            let group = match memory.steps.get_mut(&key) {
                Some(group) => group,
                None if steps[0].when.fit(event) => memory.steps.at(&key, time),
                None => return,
            };
            if time - group.started > *within {
                *group = Stepped::default();
            }
            if !steps[group.step].when.fit(event) {
                return;
            }
            let group = memory.steps.at(&key, time);
            if group.evidence.is_empty() {
                group.started = time;
            }
            if group.evidence.len() < MOST_EVIDENCE {
                group.evidence.push(evidence(event));
            }
            group.times += 1;
            // A step that may come more often goes on while it does.
            let is_last = group.step + 1 == steps.len();
            if group.times >= steps[group.step].times {
                if is_last {
                    let evidence = std::mem::take(&mut group.evidence);
                    memory.steps.remove(&key);
                    if is_chosen {
                        self.say(&rule.id, rule.severity, sentence(rule, event), evidence);
                    }
                } else {
                    group.step += 1;
                    group.times = 0;
                }
            }
            return;
        }
        if let Kind::NotFollowed { by, within } = &rule.kind {
            for opened in memory.open.take_before(time - within) {
                self.say_opened(rule, opened);
            }
            if let Some(key) = key(rule, event)
                && by.fit(event)
            {
                memory.open.remove(&key);
            }
        }
        let is_outside = rule
            .outside
            .as_ref()
            .is_none_or(|hours| hours.excludes(time));
        if !is_outside || !rule.when.fit(event) {
            return;
        }
        match &rule.kind {
            Kind::Steps { .. } => {}
            Kind::Each => {
                if is_chosen {
                    self.say(
                        &rule.id,
                        rule.severity,
                        sentence(rule, event),
                        vec![evidence(event)],
                    );
                }
            }
            Kind::Count { of, within } => {
                if is_chosen {
                    self.count(rule, memory, event, time, *of, *within);
                }
            }
            Kind::NotFollowed { .. } => {
                if let Some(key) = key(rule, event) {
                    *memory.open.at(&key, time) = Some(Opened {
                        sentence: sentence(rule, event),
                        evidence: evidence(event),
                        is_chosen,
                    });
                }
            }
            Kind::First { of, after } => {
                let started = *memory.started.get_or_insert(time);
                let Some(value) = event.field(of) else { return };
                let Some(key) = key(rule, event) else {
                    return;
                };
                let is_known = memory
                    .values
                    .get(&key)
                    .is_some_and(|values| values.contains(&*value));
                if !is_known && memory.value_count < MOST_VALUES {
                    memory.value_count += 1;
                    let values = memory.values.entry(key).or_default();
                    values.insert(value.into_owned());
                    if is_chosen && time - started >= *after {
                        let evidence = vec![evidence(event)];
                        self.say(&rule.id, rule.severity, sentence(rule, event), evidence);
                    }
                }
            }
            Kind::Reverts { within } => {
                self.reverts(rule, memory, event, time, *within, is_chosen);
            }
        }
    }

    fn count(
        &mut self,
        rule: &Rule,
        memory: &mut Memory,
        event: &Event<'_>,
        time: i64,
        of: usize,
        within: i64,
    ) {
        let Some(key) = key(rule, event) else { return };
        let group = memory.counts.at(&key, time);
        while group
            .calls
            .front()
            .is_some_and(|(first, _)| time - first > within)
        {
            group.calls.pop_front();
        }
        if group.calls.is_empty() {
            group.finding = None;
        }
        group.calls.push_back((time, evidence(event)));
        if let Some(finding) = group.finding {
            let finding = &mut self.findings[finding];
            finding.count += 1;
            if finding.evidence.len() < MOST_EVIDENCE {
                finding.evidence.push(evidence(event));
            }
        } else if group.calls.len() >= of {
            let shown = group
                .calls
                .iter()
                .map(|(_, evidence)| evidence.clone())
                .collect();
            group.finding = self.say(&rule.id, rule.severity, sentence(rule, event), shown);
        }
        if group.calls.len() > of {
            group.calls.pop_front();
        }
    }

    fn reverts(
        &mut self,
        rule: &Rule,
        memory: &mut Memory,
        event: &Event<'_>,
        time: i64,
        within: i64,
        is_chosen: bool,
    ) {
        let Some(object) = event.field(&Field::Object) else {
            return;
        };
        let Some(change) = event.change else { return };
        let mut edit = None;
        let mut key = [object.into_owned(), String::new()];
        for (name, field) in &change.changed {
            let known = (
                value_text(field.before.as_ref()),
                value_text(field.after.as_ref()),
            );
            let (false, (Some(before), Some(after))) = (field.is_secret, known) else {
                continue;
            };
            let edit = edit.get_or_insert_with(|| Arc::new(evidence(event)));
            name.as_ref().clone_into(&mut key[1]);
            let last = memory.reverts.at(&key, time);
            let is_back = |last: &&Edited| {
                time - last.time <= within && last.before == after && last.after == before
            };
            if let Some(last) = last.as_ref().filter(is_back)
                && is_chosen
            {
                let quoted = |text: &str| format!("`{text}`");
                let sentence = sentence(rule, event)
                    .replace("{field}", name)
                    .replace("{was}", &quoted(&last.after))
                    .replace("{became}", &quoted(&last.before));
                let evidence = vec![(*last.evidence).clone(), (**edit).clone()];
                self.say(&rule.id, rule.severity, sentence, evidence);
            }
            *last = Some(Edited {
                time,
                before: before.into_owned(),
                after: after.into_owned(),
                evidence: Arc::clone(edit),
            });
        }
    }

    fn say_opened(&mut self, rule: &Rule, opened: Option<Opened>) {
        if let Some(opened) = opened.filter(|opened| opened.is_chosen) {
            self.say(
                &rule.id,
                rule.severity,
                opened.sentence,
                vec![opened.evidence],
            );
        }
    }
}

/// What calls have in common that belong together: unknown values are one.
fn key(rule: &Rule, event: &Event<'_>) -> Option<Vec<String>> {
    let value = |field: &Field| match event.field(field) {
        Some(value) => Some(value.into_owned()),
        // Of objects that are not known nobody can tell whether they are the same.
        None if *field == Field::Object => None,
        None => Some(String::new()),
    };
    rule.by.iter().map(value).collect()
}

fn evidence(event: &Event<'_>) -> Evidence {
    let time = || event.time.map(|time| time.to_string());
    Evidence {
        time: event.shown_time.map(ToOwned::to_owned).or_else(time),
        server: event.server.map(ToOwned::to_owned),
        at: At {
            file: event.file.to_owned(),
            line: event.line,
        },
    }
}

/// The rule's sentence with the call's values in it. `{count}` stays until all are counted.
fn sentence(rule: &Rule, event: &Event<'_>) -> String {
    let mut sentence = String::new();
    let mut rest = rule.sentence.as_str();
    while let Some((text, behind)) = rest.split_once('{') {
        let Some((name, behind)) = behind.split_once('}') else {
            break;
        };
        sentence.push_str(text);
        match Field::named(name) {
            Some(field) => match event.field(&field) {
                Some(value) => sentence.push_str(&value),
                None => sentence.push_str("unknown"),
            },
            None => sentence.extend(["{", name, "}"]),
        }
        rest = behind;
    }
    sentence.push_str(rest);
    sentence
}
