-- `zalog stats` in DuckDB. It wants SET VARIABLE log = 'PATH' before it.
--
-- A line is a record: one whose payload goes over several lines is not seen whole. What a record is about
-- stands before its payload, and since 2019 its CID behind it: only those parts are searched. Each
-- (pid, cid, service) is one call.
WITH part AS (
    SELECT
        regexp_extract(
            line,
            '^(\S+ \S+) - \w+ - (\d+):.*?(?:(Request|Response); service:`([^`]+)`, data:`'
            '|cid:[\[`]([^\]`]+)[\]`], name:[\[`]([^\]`]+)[\]`], (?:SIO )?(request|response):)',
            ['time', 'pid', 'kind', 'service', 'old_cid', 'old_service', 'old_kind']
        ) AS head,
        regexp_extract(right(line, 64), '` cid:`([^`]+)`, $', 1) AS cid
    FROM read_csv(
        getvariable('log'), columns = {'line': 'VARCHAR'}, auto_detect = false, header = false,
        delim = '\x1f', quote = '', escape = '', strict_mode = false, ignore_errors = true
    )
),
record AS (
    SELECT
        strptime(head.time, '%Y-%m-%d %H:%M:%S,%g') AS time,
        head.pid AS pid,
        head.kind || lower(head.old_kind) IN ('Request', 'request') AS is_request,
        head.service || head.old_service AS service,
        if(head.old_cid = '', cid, head.old_cid) AS cid
    FROM part
    WHERE head.time <> ''
),
call AS (
    SELECT
        service,
        min(time) FILTER (is_request) AS started_at,
        max(time) FILTER (NOT is_request) AS finished_at
    FROM record
    WHERE service <> 'pub.zato.service.service-invoker'
    GROUP BY pid, cid, service
)
SELECT
    service,
    count(*) AS calls,
    count(*) FILTER (finished_at IS NULL) AS unanswered,
    quantile_disc(date_diff('millisecond', started_at, finished_at), [0.5, 0.95, 1]) AS median_p95_longest_ms,
    min(coalesce(started_at, finished_at)) AS first_seen,
    max(coalesce(finished_at, started_at)) AS last_seen
FROM call
GROUP BY service
ORDER BY calls DESC;
