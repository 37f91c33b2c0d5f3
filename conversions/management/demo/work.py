"""What the demo's people asked for in thirty days: articles, conversions, calls to providers, messages to clients."""

from __future__ import annotations

TABLES = """
CREATE TEMP TABLE demo_stories (story int, language text, title text, text text, tags text[]) ON COMMIT DROP;
CREATE TEMP TABLE demo_posts (story int, place int, platform text, post text, length int, most int) ON COMMIT DROP;
CREATE TEMP TABLE demo_models (floor float, ceiling float, provider text, model text, usd_in numeric, usd_out numeric)
    ON COMMIT DROP;
CREATE TEMP TABLE demo_failures (place int, code text, fault text, title text) ON COMMIT DROP"""

REQUESTS = """
CREATE TEMP TABLE demo_requests ON COMMIT DROP AS
SELECT number, person, id, batch, story, age, %(now)s::timestamptz - age * interval '1 hour' AS at,
    (random() * 900)::int + 60 AS read_ms
FROM (
    SELECT number, gen_random_uuid() AS id, gen_random_uuid() AS batch,
        1 + floor(random() * %(stories)s)::int AS story,
        CASE WHEN chance < 0.5 THEN 1 + 50 * floor(random() * ceil(%(users)s / 50.0))::int
             WHEN chance < 0.9 THEN 2 + 5 * floor(random() * ceil((%(users)s - 1) / 5.0))::int
             ELSE 1 + floor(random() * %(users)s)::int END AS person,
        hours + 2.5 * (sin((hours + %(phase)s) * pi() / 12) - sin(%(phase)s * pi() / 12)) AS age
    FROM (
        SELECT number, random() AS chance, 717 * (1 - number / %(requests)s::float) + random() / 30 AS hours
        FROM generate_series(1, %(requests)s) AS number
    ) AS drawn
) AS placed;
CREATE UNIQUE INDEX ON demo_requests (number);
ANALYZE demo_requests"""
"""Who asked for what, when; more by day than by night, in Seoul."""

ARTICLES = """
INSERT INTO articles (id, user_id, url, canonical_url, title, text, text_hash, language, site, verdict,
    created_at, read_at, read_ms)
SELECT asked.id, people.id, address, address, title, text, md5(text) || md5(title), language, split_part(email, '@', 2),
    'ok', at, at + read_ms * interval '1 ms', read_ms
FROM demo_requests asked JOIN demo_people people ON people.number = person JOIN demo_stories USING (story),
    LATERAL (SELECT CASE WHEN asked.number %% 5 > 0
        THEN 'https://' || split_part(email, '@', 2) || '/' || to_char(at, 'YYYY/MM/DD') || '/' || asked.number ELSE ''
    END AS address) AS where_from
ORDER BY asked.number;
ANALYZE articles"""

CONVERSIONS = """
CREATE TEMP TABLE demo_conversions ON COMMIT DROP AS
SELECT *, CASE WHEN status <> 'failed' THEN NULL WHEN number %% 2 = 0 THEN (luck ^ 3 * (%(codes)s - 1))::int
        ELSE row_number() OVER (PARTITION BY status, number %% 2 ORDER BY number) %% %(codes)s END AS failure,
    started + took * interval '1 ms' AS ended
FROM (
    SELECT shared.number, gen_random_uuid() AS id, request, place, asked.at, person, story, random() AS luck,
        random() AS model_luck, asked.at + interval '1 second' * (0.2 + random() * 3) AS started,
        (700 + 9000 * random() ^ 3)::int AS took,
        CASE WHEN shared.number > %(conversions)s - %(open)s
                THEN CASE WHEN shared.number %% 4 = 0 THEN 'processing' ELSE 'pending' END
             WHEN chance < 0.065 THEN 'failed' WHEN chance < 0.085 THEN 'cancelled' ELSE 'succeeded' END AS status
    FROM (
        SELECT number, request, random() AS chance, request + turn AS place
        FROM (SELECT number, (number - 1) / 10 * 4 + (ARRAY[1, 2, 2, 3, 3, 3, 4, 4, 4, 4])[1 + (number - 1) %% 10]
            AS request, (ARRAY[0, 0, 1, 0, 1, 2, 0, 1, 2, 3])[1 + (number - 1) %% 10] AS turn
            FROM generate_series(1, %(conversions)s) AS number) AS counted
    ) AS shared JOIN demo_requests asked ON asked.number = request
) AS drawn;
ANALYZE demo_conversions"""
"""Ten conversions come from four requests: for one, two, three and four platforms. Every second failure is the next of
all there are, so that none is missing; the others are mostly the first ones."""

LOGS = """
INSERT INTO conversion_logs (id, user_id, article_id, batch_id, source_url, target_platform, language, provider, model,
    prompt_version, status, failure_code, error_message, fault, title, content_generated, hashtags, content_language,
    length, "limit", tokens_used, cost_usd, processing_time_ms, timings, created_at, updated_at, started_at,
    finished_at, not_before, deadline_at, lease_until, claim, position, woken_at)
SELECT made.id, people.id, asked.id, batch, articles.url, platform, 'source',
    CASE WHEN done THEN models.provider ELSE '' END, CASE WHEN done THEN models.model ELSE '' END,
    CASE WHEN done THEN %(prompt)s ELSE '' END, status,
    COALESCE(code, ''), COALESCE(failures.title, ''), COALESCE(fault, ''),
    CASE WHEN done AND platform IN ('naver_blog', 'youtube') THEN stories.title ELSE '' END,
    CASE WHEN done THEN post ELSE '' END, CASE WHEN done THEN tags ELSE '{}' END,
    CASE WHEN done THEN stories.language ELSE '' END, CASE WHEN done THEN posts.length END,
    CASE WHEN done THEN most END,
    CASE WHEN done THEN 820 + posts.length ELSE 0 END,
    CASE WHEN done THEN usd_in * 820 + usd_out * posts.length END, CASE WHEN done THEN took END,
    CASE WHEN done THEN jsonb_build_object('generate', took - 6, 'fit', 4, 'ground', 2) ELSE '{}' END,
    made.at, CASE WHEN final THEN ended ELSE made.at END,
    CASE WHEN done OR status IN ('failed', 'processing') THEN started END, CASE WHEN final THEN ended END,
    CASE WHEN status = 'pending' THEN %(now)s::timestamptz + interval '20 minutes' ELSE made.at END,
    made.at + interval '1 day', CASE WHEN status = 'processing' THEN %(now)s::timestamptz + interval '5 minutes' END,
    CASE WHEN status IN ('pending', 'cancelled') THEN 0 ELSE 1 END, made.place - asked.number, made.at
FROM demo_conversions made JOIN demo_people people ON people.number = person
    JOIN demo_requests asked ON asked.number = request
    JOIN articles ON articles.id = asked.id
    JOIN demo_stories stories ON stories.story = made.story
    JOIN demo_posts posts ON posts.story = made.story AND posts.place = made.place %% %(platforms)s
    JOIN demo_models models ON made.model_luck >= floor AND made.model_luck < ceiling
    LEFT JOIN demo_failures failures ON failures.place = failure,
    LATERAL (SELECT status = 'succeeded' AS done, status IN ('succeeded', 'failed', 'cancelled') AS final) AS ends
ORDER BY made.number;
ANALYZE conversion_logs"""

ATTEMPTS = """
INSERT INTO attempts (conversion_id, prompt_version, prompt_hash, provider, model, payer, state, failure_code,
    error_message, reply, request_id, input_tokens, output_tokens, cost_usd, price_version, latency_ms, created_at)
SELECT log.id, %(prompt)s, md5(log.id::text) || md5(log.batch_id::text), models.provider, models.model,
    CASE WHEN subscription_tier = 'free' THEN 'operator' ELSE 'user' END,
    CASE WHEN answers THEN 'answered' ELSE 'failed' END,
    CASE WHEN answers THEN '' ELSE COALESCE(NULLIF(log.failure_code, ''), 'provider-overloaded') END,
    log.error_message,
    CASE WHEN answers THEN jsonb_build_object('title', log.title, 'body', content_generated, 'hashtags', hashtags) END,
    'req_' || substr(md5(log.id::text || turn), 1, 24),
    CASE WHEN answers THEN 820 ELSE 0 END, CASE WHEN answers THEN length ELSE 0 END,
    CASE WHEN answers THEN log.cost_usd ELSE 0 END, %(prices)s, COALESCE(log.processing_time_ms - 6, 400), started_at
FROM conversion_logs log JOIN demo_conversions made ON made.id = log.id JOIN users ON users.id = log.user_id
    JOIN demo_models models ON model_luck >= floor AND model_luck < ceiling,
    LATERAL generate_series(CASE WHEN luck < 0.15 OR log.status = 'failed' THEN 0 ELSE 1 END,
        CASE WHEN log.status = 'succeeded' THEN 1 ELSE 0 END) AS turn,
    LATERAL (SELECT turn = 1 AS answers) AS how
WHERE log.status = 'succeeded' OR fault IN ('provider', 'key')
ORDER BY started_at"""

DELIVERIES = """
INSERT INTO webhook_deliveries (endpoint_id, conversion_id, event, payload, state, tries, last_status, last_ms,
    last_error, created_at, finished_at)
SELECT endpoint.id, log.id, 'conversion.' || log.status,
    jsonb_build_object('type', 'conversion.' || log.status, 'data', jsonb_build_object('id', log.id)),
    CASE WHEN is_active THEN 'delivered' ELSE 'failed' END, CASE WHEN is_active THEN 1 ELSE 8 END,
    CASE WHEN is_active THEN 204 ELSE 502 END, 80 + (luck * 400)::int,
    CASE WHEN is_active THEN '' ELSE 'The endpoint answered 502.' END, log.finished_at,
    log.finished_at + interval '1 second'
FROM conversion_logs log JOIN demo_conversions made ON made.id = log.id
    JOIN webhook_endpoints endpoint ON endpoint.user_id = log.user_id
WHERE log.finished_at > %(now)s::timestamptz - interval '10 days'"""
