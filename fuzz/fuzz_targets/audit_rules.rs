//! Rules of the audit, which are read or refused, and find the same whenever they run.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use zalog::audit::{Auditor, Neighbours, Rules, ServerLedger};
use zalog::invocation::Batch;
use zalog::view::View;
use zalog_fuzz::LOGS;

static NEIGHBOURS: LazyLock<Neighbours> = LazyLock::new(|| {
    let mut neighbours = Neighbours::default();
    neighbours.read(
        "access.log",
        include_bytes!("../../fixtures/audit/access-4.1.log"),
    );
    neighbours.finish();
    neighbours
});

fuzz_target!(|text: &str| {
    let mut rules = Rules::default();
    if let Err(error) = rules.add(text) {
        assert!(!error.to_string().is_empty());
        return;
    }
    let found = found_by(&rules);
    // Rules take the places of those with their IDs.
    rules.add(text).expect("they could be read before");
    assert_eq!(found_by(&rules), found);
    let mut all = Rules::built_in();
    all.add(text).expect("they could be read before");
    found_by(&all);
});

/// The findings of rules, as they are printed.
fn found_by(rules: &Rules) -> Vec<Value> {
    let view = View::default();
    let mut auditor = Auditor::new(&view, &NEIGHBOURS, rules, None, |_| ());
    for log in LOGS.iter() {
        let files = [(log.name, log.bytes.len() as u64)];
        auditor.start_server(ServerLedger::new(Some(log.name), &files));
        let batch = Batch {
            invocations: log.calls.clone(),
            records: log.records.clone(),
            file: log.name,
            ..Batch::default()
        };
        auditor.expect(&batch, |_| true);
        auditor.conclude([String::new()]);
        auditor.take(&batch.invocations, |_| true);
    }
    let findings = auditor.finish().findings;
    findings
        .iter()
        .map(|finding| serde_json::to_value(finding).unwrap())
        .collect()
}
