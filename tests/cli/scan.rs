//! `zalog search` in logs.

use insta::assert_snapshot;

use crate::zalog::{Run, fixture, zalog, zalog_with_input};

/// Searches the log of a live server.
fn search(arguments: &[&str]) -> Run {
    let (query, options) = arguments.split_first().unwrap();
    let log = fixture("4.1-live");
    zalog(&[&["search", query, log.as_str()], options].concat())
}

#[test]
fn hits_are_shown_with_what_was_found() {
    assert_snapshot!(search(&["verb:delete outcome:unanswered"]).seen(), @"
    time                 service                          outcome     took  id
    2026-11-23 18:16:24  zato.pubsub.topic.delete         unanswered        67962f8bfc199219
    2026-11-23 18:16:14  zato.security.basic-auth.delete  unanswered        f49ed361631697dc
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["edited request.id:6", "--color", "always"]).seen(), @"
    [1mtime                 service                        outcome     took  id[0m
    2026-11-23 18:16:12  zato.security.basic-auth.edit  completed  146ms  a75e829e558a09a5
        request.id: [1;31m6[0m
        request.name: [1;31medited[0m 6 `x`
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["is_internal verb:create", "--limit", "1"]).seen(), @"
    time                 service                   outcome     took  id
    2026-11-23 18:16:24  zato.pubsub.topic.create  unanswered        bd2f5ae64c1b2055
        request.is_internal
    ------- stderr -------
    1 of 6 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["request.name:/^nT1/ -verb:get-by-name", "--limit", "2"]).seen(), @"
    time                 service                          outcome    took  id
    2026-11-23 18:16:34  zato.security.basic-auth.create  completed  55ms  2a444ee5753ae891
        request.name: nT13-21
    2026-11-23 18:16:34  zato.security.basic-auth.create  completed  68ms  db605e0ed5a1bdaa
        request.name: nT10-01
    ------- stderr -------
    2 of 3 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
}

#[test]
fn hits_have_an_order_and_pages() {
    let services = |options: &[&str]| {
        let fields = [
            "verb:create",
            "--fields",
            "service,duration",
            "--format",
            "csv",
        ];
        search(&[&fields, options].concat()).seen()
    };
    assert_snapshot!(services(&["--limit", "3"]), @"
    service,duration
    zato.security.basic-auth.create,61
    zato.security.basic-auth.create,50
    zato.security.basic-auth.create,75
    ------- stderr -------
    3 of 44 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "2", "--offset", "1"]), @"
    service,duration
    zato.security.basic-auth.create,50
    zato.security.basic-auth.create,75
    ------- stderr -------
    calls 2 to 3 of 44
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "2", "--offset", "43"]), @"
    service,duration
    zato.hot-deploy.create,408
    ------- stderr -------
    calls 44 to 44 of 44
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "3", "--sort", "duration"]), @"
    service,duration
    zato.hot-deploy.create,1084
    zato.outgoing.amqp.create,1057
    zato.outgoing.sql.create,938
    ------- stderr -------
    3 of 44 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "3", "--sort", "size"]), @"
    service,duration
    zato.hot-deploy.create,1084
    zato.hot-deploy.create,408
    zato.http-soap.create,135
    ------- stderr -------
    3 of 44 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "3", "--sort", "score"]), @"
    service,duration
    zato.security.basic-auth.create,61
    zato.security.basic-auth.create,50
    zato.security.basic-auth.create,75
    ------- stderr -------
    3 of 44 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "3", "--sort", "duration", "--reverse"]), @"
    service,duration
    zato.security.basic-auth.create,31
    zato.security.basic-auth.create,40
    zato.security.basic-auth.create,40
    ------- stderr -------
    3 of 44 calls: --limit or --all shows more
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--limit", "2", "--reverse", "--offset", "1"]), @"
    service,duration
    zato.hot-deploy.create,1084
    zato.security.basic-auth.create,61
    ------- stderr -------
    calls 2 to 3 of 44
    ------- exit status 0 -------
    ");
    assert_snapshot!(services(&["--offset", "100"]), @"
    service,duration
    ------- stderr -------
    44 calls fit, and none behind --offset 100
    ------- exit status 0 -------
    ");
}

#[test]
fn hits_are_counted_and_grouped() {
    assert_snapshot!(search(&["kind:write", "--count"]).seen(), @"
    77
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["nothinghasthisinit", "--count"]).seen(), @"
    0
    ------- stderr -------
    no call fits
    ------- exit status 1 -------
    ");
    assert_snapshot!(search(&["kind:write", "--group-by", "verb"]).seen(), @"
    verb             calls
    create              44  ██████████████████████████████
    delete              15  ██████████▏
    edit                10  ██████▊
    change-password      8  █████▍
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["verb:create", "--group-by", "request.is_active"]).seen(), @"
    request.is_active  calls
    true                  37  ██████████████████████████████
    false                  5  ████
    -                      2  █▌
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["request.id:6", "--group-by", "request.name", "--format", "json"]).seen(), @r#"
    {"request.name":null,"calls":1}
    {"request.name":"edited 6 `x`","calls":1}
    ------- exit status 0 -------
    "#);
    assert_snapshot!(search(&["*", "--group-by", "name"]).seen(), @"
    ------- stderr -------
    error: invalid value 'name' for '--group-by <BY>': calls are counted by service, verb, kind, server, outcome, hour, day, request.KEY or response.KEY

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(search(&["*", "--group-by", "outcome", "--format", "json"]).seen(), @r#"
    {"outcome":"completed","calls":141}
    {"outcome":"unanswered","calls":20}
    {"outcome":"response-only","calls":2}
    ------- exit status 0 -------
    "#);
    assert_snapshot!(search(&["*", "--group-by", "hour", "--format", "csv"]).seen(), @"
    hour,calls
    2026-11-23 18:00,163
    ------- exit status 0 -------
    ");
    assert_snapshot!(search(&["*", "--group-by", "server"]).seen(), @"
    server  calls
    -         163  ██████████████████████████████
    ------- exit status 0 -------
    ");
}

#[test]
fn fields_can_be_chosen() {
    let fields = "id,verb,request.name,request.is_active,response";
    let query = "service:zato.scheduler.job.create";
    for format in ["table", "json", "csv"] {
        let run = search(&[
            query, "--fields", fields, "--format", format, "--limit", "1",
        ]);
        match format {
            "table" => assert_snapshot!(run.seen(), @"
            id                verb    request.name  request.is_active  response
            a00b8f080832858c  create  bad           false
            ------- stderr -------
            1 of 4 calls: --limit or --all shows more
            ------- exit status 0 -------
            "),
            "json" => assert_snapshot!(run.seen(), @r#"
            {"id":"a00b8f080832858c","verb":"create","request.name":"bad","request.is_active":false,"response":null}
            ------- stderr -------
            1 of 4 calls: --limit or --all shows more
            ------- exit status 0 -------
            "#),
            _ => assert_snapshot!(run.seen(), @"
            id,verb,request.name,request.is_active,response
            a00b8f080832858c,create,bad,false,
            ------- stderr -------
            1 of 4 calls: --limit or --all shows more
            ------- exit status 0 -------
            "),
        }
    }
}

#[test]
fn times_are_those_of_the_whole_line() {
    let fields = "started,started_at,finished";
    for query in ["outcome:completed", "outcome:response-only"] {
        let whole = search(&[query, "--format", "json"]).json_lines();
        let some = search(&[query, "--format", "json", "--fields", fields]).json_lines();
        assert_eq!(whole.len(), some.len());
        for (whole, some) in whole.iter().zip(&some) {
            assert_eq!(some["finished"], whole["finished_at"]);
            let started = whole.get("started_at").unwrap_or(&whole["finished_at"]);
            assert_eq!(some["started"], *started);
        }
        // The CID of a response alone tells no offset.
        let has_offset = whole[0]["finished_at"]
            .as_str()
            .unwrap()
            .ends_with("+00:00");
        assert_eq!(has_offset, query == "outcome:completed");
    }
}

#[test]
fn the_same_is_found_in_any_way_of_reading() {
    let log = fixture("4.1-live/admin.log");
    let query = "has:request.name OR outcome:unanswered";
    let all = |options: &[&str]| {
        zalog(
            &[
                &["search", query, log.as_str(), "--all", "--format", "json"],
                options,
            ]
            .concat(),
        )
    };
    let expected = all(&[]).stdout;
    assert!(expected.lines().count() > 50);
    for options in [
        ["--threads", "1"],
        ["--threads", "5"],
        ["--service", "*"],
        ["--since", "2000-01-01"],
    ] {
        assert_eq!(all(&options).stdout, expected);
    }
    let piped = zalog_with_input(
        &["search", query, "-", "--all", "--format", "json"],
        &std::fs::read(&log).unwrap(),
    );
    let file = format!("\"file\":{log:?}");
    assert_eq!(piped.stdout, expected.replace(&file, "\"file\":\"-\""));
}

#[test]
fn mistakes_say_what_to_do() {
    let log = fixture("4.1-live");
    assert_snapshot!(zalog(&["search", &log]).seen(), @"
    ------- stderr -------
    error: `fixtures/4.1-live` is a log and no query: zalog search QUERY fixtures/4.1-live
    ------- exit status 2 -------
    ");
    assert_snapshot!(search(&["x", "--fields", "nmae"]).seen(), @"
    ------- stderr -------
    error: invalid value 'nmae' for '--fields <FIELD,…>': unknown field: the fields are id, service, verb, kind, cid, server, outcome, started, finished, duration, size, pid, thread, parent, request, request.KEY, response and response.KEY

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(search(&["x", "--sort", "age"]).seen(), @"
    ------- stderr -------
    error: invalid value 'age' for '--sort <BY>'
      [possible values: started, duration, size, score]

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(search(&["x", "--count", "--group-by", "day"]).seen(), @"
    ------- stderr -------
    error: the argument '--count' cannot be used with '--group-by <BY>'

    Usage: zalog search --count <QUERY> <LOG>...

    For more information, try '--help'.
    ------- exit status 2 -------
    ");
    assert_snapshot!(search(&["started:>soon"]).seen(), @r#"
    ------- stderr -------
    error: query `started:>soon`: column 9: 'soon' does not fit here: expected a time such as `2018-11-11`, `>="2018-11-11 22:00"`, `yesterday`, `>-2h`, `2018-11-11..2018-11-12`
    ------- exit status 2 -------
    "#);
}

#[test]
fn names_that_are_nowhere_are_told_with_the_nearest() {
    assert_snapshot!(search(&["service:zato.http-soap.creat"]).seen(), @"
    ------- stderr -------
    no call fits
    no service 'zato.http-soap.creat' in these logs: did you mean 'zato.http-soap.create'?
    ------- exit status 1 -------
    ");
    assert_snapshot!(search(&["verb:(creat OR made) x", "--count"]).seen(), @"
    0
    ------- stderr -------
    no call fits
    no verb 'creat' in these logs: did you mean 'create'?
    no verb 'made' in these logs
    ------- exit status 1 -------
    ");
    assert_snapshot!(search(&["server:server1", "--group-by", "service"]).seen(), @"
    ------- stderr -------
    no call fits
    no server 'server1' in these logs
    ------- exit status 1 -------
    ");
    assert_snapshot!(search(&["service:zato.http-soap.creat", "--service", "*.edit"]).seen(), @"
    ------- stderr -------
    no call fits
    no service 'zato.http-soap.creat' in what was searched
    ------- exit status 1 -------
    ");
    assert_snapshot!(search(&["service:zato.http-soap.create verb:delete"]).seen(), @"
    ------- stderr -------
    no call fits
    ------- exit status 1 -------
    ");
    assert_snapshot!(search(&["service:zato.http-soap.creat", "--quiet"]).seen(), @"------- exit status 1 -------");
}
