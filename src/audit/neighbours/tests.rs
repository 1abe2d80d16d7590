use super::*;

const SERVER_LOG: &str = "\
2026-11-23 18:29:53,624 - \u{1b}[1;37mINFO\u{1b}[0m - 1:Dummy-40 - zato_rest:0 - REST cha → cid=aa; POST /zato/api/invoke/x?p=1 name=/zato/api/invoke/{service_name}; len=127; agent=a; remote-addr=x; remote-addr=127.0.0.1:4711\n\
2026-11-23 18:29:53,724 - INFO - 1:Dummy-40 - zato_rest:0 - REST cha ← cid=aa; 200 time=0:00:00.012; len=5\n\
2026-11-23 18:29:54,207 - INFO - 1:Dummy-42 - zato_rest:0 - Caught an exception, cid:`bb`, status_code:`HTTPStatus.INTERNAL_SERVER_ERROR`, `Traceback (most recent call last):
  File \"x.py\", line 1, in handle
Exception: Traceback (most recent call last):
sqlalchemy.orm.exc.NoResultFound: No row was found for one()

`
2026-11-23 18:29:55,415 - INFO - 1:Dummy-28 - x - cc - zato_rest:21 - Caught an exception, cid:`cc`, status_code:`400`, `Traceback (most recent call last):
zato.common.exception.BadRequest: <BadRequest at 0x7f6baa83d840 cid:`cc`, msg:`No such service `x``>
`
";

const ACCESS_LOG: &str = "\
2026-11-23 18:12:03,260 - INFO - 2888:Dummy - zato_access_log:0 - 127.0.0.1 20261123-181203-2514-2647bcd4ae6af457a/0.005530 \"zato.ping\" [23/Nov/2026:18:12:03 +0000] \"GET /zato/ping HTTP/1.1\" 200 62 \"-\" \"curl/7.88.1\"\n\
2026-11-23 18:12:04,260 - INFO - 2888:Dummy - zato_access_log:0 - \n";

const OLD_ACCESS_LOG: &str = "\
10.0.0.7 K05AB/1.5 \"my channel\" [11/Nov/2018:22:01:57 +0100] \"POST /p HTTP/1.1\" 500 1970 \"-\" \"-\"\n";

fn read(logs: &[&str]) -> (Neighbours, Vec<Told>) {
    let mut neighbours = Neighbours::default();
    let told = logs
        .iter()
        .map(|log| neighbours.read("x.log", log.as_bytes()))
        .collect();
    neighbours.finish();
    (neighbours, told)
}

#[test]
fn http_calls_are_joined_by_cid() {
    let (neighbours, told) = read(&[SERVER_LOG, ACCESS_LOG, OLD_ACCESS_LOG]);
    let counts: Vec<_> = told
        .iter()
        .map(|told| (told.http_calls, told.exceptions))
        .collect();
    assert_eq!(counts, [(2, 2), (1, 0), (1, 0)]);
    let call = neighbours.http("aa").unwrap();
    let expected = HttpCall {
        remote: Some("127.0.0.1"),
        channel: Some("/zato/api/invoke/{service_name}"),
        path: Some("/zato/api/invoke/x"),
        agent: Some("a; remote-addr=x"),
        status: Some(200),
        response_ms: Some(12),
    };
    assert_eq!(call, expected);
    let call = neighbours
        .http("20261123-181203-2514-2647bcd4ae6af457a")
        .unwrap();
    assert_eq!(
        (call.channel, call.agent),
        (Some("zato.ping"), Some("curl/7.88.1"))
    );
    assert_eq!((call.status, call.response_ms), (Some(200), Some(6)));
    let call = neighbours.http("K05AB").unwrap();
    assert_eq!(
        (call.remote, call.agent, call.status),
        (Some("10.0.0.7"), None, Some(500))
    );
    assert_eq!(neighbours.http("unknown"), None);
}

#[test]
fn secrets_of_clients_are_masked() {
    let log = OLD_ACCESS_LOG
        .replace("my channel", "amqp://u:hunter2@h")
        .replace("\"-\"\n", "\"agent/1 (token=hunter2)\"\n");
    let (neighbours, _) = read(&[&log]);
    let call = neighbours.http("K05AB").unwrap();
    assert_eq!(
        (call.channel, call.agent),
        (Some("amqp://u:******@h"), Some("agent/1 (token=******"))
    );
}

#[test]
fn failures_have_a_cause_and_a_place() {
    let (neighbours, _) = read(&[SERVER_LOG]);
    let failure = neighbours.failure("bb").unwrap();
    assert_eq!((failure.status, failure.line), (Some(500), 3));
    let cause = &neighbours.causes()[failure.cause];
    assert_eq!(cause.exception, "sqlalchemy.orm.exc.NoResultFound");
    assert_eq!(cause.message, "No row was found for one()");
    let failure = neighbours.failure("cc").unwrap();
    assert_eq!((failure.status, failure.line), (Some(400), 9));
    let cause = &neighbours.causes()[failure.cause];
    assert_eq!(cause.message, "<BadRequest msg:`No such service `x``>");
    assert!(neighbours.failure("aa").is_none());
}

#[test]
fn a_secret_that_begins_above_the_last_line_is_masked() {
    for said in [
        "bad key\n-----BEGIN RSA PRIVATE KEY-----\nhunter2aaaa\nhunter2bbbb",
        "bad {'user': 'u',\n 'password':\n 'hunter2'}",
        "<password>\nhunter2</password>",
        "password=hunter2",
    ] {
        let log = format!(
            "2026-11-23 18:29:54,207 - INFO - 1:D - zato_rest:0 - Caught an exception, cid:`a`, status_code:`500`, `T\nValueError: {said}\n`\n"
        );
        let (neighbours, _) = read(&[&log]);
        let causes = format!("{:?}", neighbours.causes());
        assert!(causes.contains("******"), "{causes}");
        assert!(!causes.contains("hunter2"), "{causes}");
    }
}

#[test]
fn causes_that_differ_in_numbers_are_one() {
    let line = |cid: &str, number: u32| {
        format!(
            "2026-11-23 18:29:54,207 - INFO - 1:D - zato_rest:0 - Caught an exception, cid:`{cid}`, status_code:`500`, `T\nValueError: id {number}\n`\n"
        )
    };
    let (neighbours, _) = read(&[&line("a", 1), &line("b", 22)]);
    assert_eq!(neighbours.causes().len(), 1);
}

#[test]
fn any_bytes_are_read_without_a_panic() {
    let text = [SERVER_LOG, ACCESS_LOG].concat();
    for cut in 0..text.len() {
        let mut bytes = text.as_bytes()[..cut].to_vec();
        let mut neighbours = Neighbours::default();
        neighbours.read("x", &bytes);
        if let Some(last) = bytes.last_mut() {
            *last = 0xff;
        }
        neighbours.read("x", &bytes);
    }
}
