#!/bin/sh
# Writes what the fuzz targets start from, made of the fixtures, into corpus/TARGET.
set -eu
cd "$(dirname "$0")"
mkdir -p corpus
for target in audit_rules framing header openapi_merge pyrepr query quoting; do
    mkdir -p "corpus/$target"
done
logs=$(find ../fixtures -name 'admin.log*' -o -name 'server*.log' | sort)

# Some records a file, the first of each log and some from its middle.
for log in $logs; do
    stem=$(echo "$log" | tr '/.' '--')
    { head -n 60 "$log"; sed -n '400,460p' "$log"; } | cut -b 1-3000 | split -l 5 - "corpus/header/$stem-"
done
for records in corpus/header/*; do
    # Before them stand the sizes of a chunk and of a window.
    { printf '\100\020'; cat "$records"; } > "corpus/framing/${records##*/}"
done

# Payloads of all wordings, and for `quoting` with the name of a service before them.
payloads() {
    cat $logs | LC_ALL=C sed -n \
        -e 's/^.*; service:`\([^`]*\)`, data:`\(.*\)` cid:`.*$/\1\t\2/p' \
        -e 's/^.*name:\[\([^]]*\)\], .*request:\[\(.*\)\]$/\1\t\2/p' \
        -e 's/^.*name:[`[]\([^]`]*\)[]`], .*response:[`[]\(.*\)[]`]$/\1\t\2/p' \
        -e 's/^.*name:`\([^`]*\)`, request:`\(.*\)`$/\1\t\2/p'
}
payloads | LC_ALL=C awk -F '\t' '
    length($2) > 1 && length($2) < 3000 && (NR % 7 == 0 || /\\|"|u'"'"'|\(|</) && count < 700 {
        count++
        file = "corpus/pyrepr/" count
        # Two that are alike make keys known.
        printf "%s", $2 > file
        if (last != "") printf "%c%s", 0, last > file
        close(file)
        file = "corpus/quoting/" count
        printf "%s%c%s%c%s", $1, 0, $2, 0, last > file
        close(file)
        last = length($2) < 800 ? $2 : ""
    }'

# Queries, one a line.
LC_ALL=C awk '{ file = "corpus/query/" NR; printf "%s", $0 > file; close(file) }' <<'END'
CRM "my channel" cha* /time ?out/
service:zato.http-soap.* verb:delete kind:write -outcome:unanswered
request.name:CRM OR response.*.id:204 OR response.**.name:*
request.is_active:true AND request.a."b.c \" \\".d:null
has:request.password has:response
outcome:(completed OR response-only) kind:(read OR other)
duration:>500ms size:>100kb duration:1s..2s size:<=1.5MiB
started:2018-11-11..2018-11-12 finished:>-2h started:yesterday
started:"2018-11-11 22:00".."2018-11-12 06:00"
pid:4321 cid:K* server:3.2 thread:"Dummy-1" id:/^[0-9a-f]+$/ parent:?bc*
NOT (a b OR (c AND NOT d)) -(e) !f
request.id:>5 response.**:1..10 request:-1.5e3..2 response.e:100.0
request.**:(NOT "only text" OR none)
z\u00fcrich zürich 02 "11 02" infinity nan joe /Zur|zür/ /\/x\\/
response.x:u0041 request.i:/_und_/ request.k:name request.j:86405
http://host 12:30 *
a OR b OR c OR d OR e OR f OR g OR h OR i OR j OR k OR l OR m OR n OR o OR p OR q OR r
/a{1,3}(?i:b)|[^\d\s]{2}$/ request.name:/(?s).*/
END

# Rules, those that come with zalog one by one and all together.
LC_ALL=C awk -v RS= '/^\[\[rule/ { file = "corpus/audit_rules/" NR; print > file; close(file) }' ../src/audit/rules/default.toml
cp ../src/audit/rules/default.toml corpus/audit_rules/all
cat > corpus/audit_rules/more <<'END'
[[rule]]
id = "x"
severity = "high"
sentence = "{object_name} {count} {field} {was} {became} {remote} {service} {{"
when = [{ action = "edit", "after.url_path" = "*", remote = { not = ["10.*"] }, duration_ms = { over = 5 } }, { agent = { known = false } }]
outside = { from = "07:00", to = "19:00", days = ["mon", "sun"] }

[[rule]]
id = "y"
severity = "low"
sentence = "s"
by = ["server", "cid"]
within = "1h"
steps = [{ when = { verb = "get*", duration_ms = { under = 500 } }, times = 3 }, { when = { outcome = ["completed", "*-only"] } }]

[[rule]]
id = "z"
severity = "medium"
sentence = "{path}"
when = { service = "zato.*" }
count = { of = 2, within = "5m", by = ["service"] }

[[rule]]
id = "bulk-delete"
enabled = false
END

# Documents of OpenAPI as people write them.
cat > corpus/openapi_merge/block.yaml <<'END'
openapi: 3.1.0  # ours
info: {title: Ours, version: "1"}
paths:
  /zato/api/invoke/zato.http-soap.create:
    post:
      operationId: create
      requestBody:
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Channel'
      responses:
        "200":
          description: >-
            folded
             more
  # between
  /zato/api/invoke/zato.security.basic-auth.create: # none yet
  /other:
    get: {}
    post: &post
      operationId: zato.http-soap.edit
      responses: {}
  /alias:
    post: *post
components:
  schemas:
    Channel:
      type: object
      required: [name]
      properties:
        name: {type: integer, enum: [1, 2]}
        is_active:

# end
END
cat > corpus/openapi_merge/flow.yaml <<'END'
%YAML 1.2
--- # żó
openapi: "3.0.3"
y: &y [1]
x: &x {a: 1, b: [*y, 'it''s'],
  c: !!str 5}
paths: !!map
  ? /zato/api/invoke/zato.http-soap.get-list
  : post: &p
      requestBody: {content: {
        application/json: {}, }}
      responses:
      - |+
        text

  '/zato/api/invoke/zato.http-soap.delete': {post: {}}
  "/zato/api/invoke/zato.ping": { post: { requestBody: {content: {application/json: {schema: {type: object}}}}}}
components: {securitySchemes: {own: {type: http, scheme: Basic}}}
text: >-
  folded
   more
...
END
cat > corpus/openapi_merge/indented.json <<'END'
{
	"openapi": "3.1.0",
	"paths": {
		"/zato/api/invoke/zato.http-soap.create": {
			"post": {
				"requestBody": { "content": { "application/json": { "schema": {} } } },
				"responses": {}
			}
		},
		"/zato/api/invoke/zato.http-soap.edit": {}
	}
}
END
printf '%s' '{"openapi":"3.0.0","paths":{},"security":[]}' > corpus/openapi_merge/short.json
printf 'openapi: 3.1.0\r\npaths:\r\n  /a:\r\n    get: 1\r\n' > corpus/openapi_merge/crlf.yaml
printf 'openapi: 3.1.0' > corpus/openapi_merge/least.yaml
# All that zalog would write itself, shortened.
if [ -x ../target/debug/zalog ]; then
    for format in openapi openapi-json; do
        ../target/debug/zalog --quiet examples ../fixtures/3.2-live --format $format --service 'zato.security.basic-auth.*' \
            > corpus/openapi_merge/own.$format
    done
fi
