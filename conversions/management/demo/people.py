"""The people of the demo set: two thirds of them in Korean newsrooms. Nobody knows their passwords or tokens."""

from __future__ import annotations

NO_PASSWORD = "!demo"  # noqa: S105 - no password fits it
"""What tells the demo's users from others."""

TABLES = """
CREATE TEMP TABLE demo_people ON COMMIT DROP AS
SELECT number, gen_random_uuid() AS id, tier, zone,
    (%(now)s::timestamptz AT TIME ZONE zone)::date AS today,
    %(now)s::timestamptz - interval '61 days' - number %% 300 * interval '1 day' AS joined,
    lower(first) || '.' || lower(last) || CASE WHEN number > 400 THEN (number / 400)::text ELSE '' END
        || '@' || paper || '.example' AS email
FROM (
    SELECT number,
        CASE WHEN number %% 50 = 1 THEN 'business' WHEN number %% 5 = 2 THEN 'pro' ELSE 'free' END AS tier,
        CASE WHEN korean THEN 'Asia/Seoul' WHEN number %% 2 = 0 THEN 'Europe/London' ELSE 'America/New_York' END
            AS zone,
        CASE WHEN korean THEN (ARRAY['Minjun','Seoyeon','Jiho','Haeun','Doyun','Jiwoo','Sujin','Hyunwoo','Yuna',
            'Taeyang','Eunji','Seungho','Nari','Jaehyun','Bora','Donghae','Sora','Kyungmin','Hana','Woojin'])
            [1 + number %% 20]
        ELSE (ARRAY['Amelia','Oliver','Grace','Noah','Isla','Arthur','Freya','Leo','Ruby','Theo',
            'Maya','Oscar','Ivy','Jack','Nora','Felix','Clara','Hugo','Alice','Ralph'])[1 + number %% 20] END AS first,
        CASE WHEN korean THEN (ARRAY['Kim','Lee','Park','Choi','Jung','Kang','Cho','Yoon','Jang','Lim',
            'Han','Oh','Seo','Shin','Kwon','Hwang','Ahn','Song','Ryu','Hong'])[1 + number / 20 %% 20]
        ELSE (ARRAY['Ashworth','Bell','Carter','Doyle','Evans','Fletcher','Grant','Hughes','Ingram','Jarvis',
            'Kerr','Lowe','Marsh','Nolan','Osborne','Price','Quinn','Reid','Shaw','Turner'])[1 + number / 20 %% 20]
        END AS last,
        CASE WHEN korean
            THEN (ARRAY['hanbit-ilbo','saebyeok-news','namdo-times','dongne-press','badabaram'])[1 + number %% 5]
        ELSE (ARRAY['harbour-post','northgate-news','thedailyfern','weekly-lantern','plainfacts'])[1 + number %% 5]
        END AS paper
    FROM (SELECT number, number %% 3 <> 0 AS korean FROM generate_series(1, %(users)s) AS number) AS numbered
) AS named;
CREATE UNIQUE INDEX ON demo_people (number);
ANALYZE demo_people"""

USERS = """
INSERT INTO users (id, email, username, password_hash, subscription_tier, api_quota_daily, last_quota_reset,
    monthly_budget_usd, time_zone, email_verified, is_active, created_at, updated_at, last_login)
SELECT id, email, email, '!demo', tier, (%(quotas)s::jsonb ->> tier)::int, today::timestamp AT TIME ZONE zone,
    CASE WHEN tier = 'business' THEN 200 WHEN tier = 'pro' AND number %% 4 = 2 THEN 20 END,
    zone, number %% 7 <> 0, number %% 53 <> 0, joined, %(now)s,
    CASE WHEN number %% 3 > 0 THEN %(now)s::timestamptz - random() * interval '20 days' END
FROM demo_people"""

TOKENS = """
INSERT INTO access_tokens (user_id, name, public_id, secret_hash, created_at, expires_at, last_used, revoked_at)
SELECT id, (ARRAY['CMS', 'newsletter', 'Slack bot', '편집기', '야간 배포'])[1 + (number + turn) %% 5],
    substr(md5(random()::text || number || turn), 1, 16), encode(sha256(gen_random_uuid()::text::bytea), 'hex'), joined,
    CASE WHEN turn = 2 THEN %(now)s::timestamptz + (number %% 90 - 30) * interval '1 day' END,
    CASE WHEN number %% 4 > 0 THEN %(now)s::timestamptz - random() * interval '9 days' END,
    CASE WHEN turn = 3 THEN %(now)s::timestamptz - interval '12 days' END
FROM demo_people, generate_series(1, CASE tier WHEN 'free' THEN number %% 2 WHEN 'pro' THEN 2 ELSE 3 END) AS turn"""
"""What is stored is the hash of a random word: no token opens anything."""

GRANTS = """
INSERT INTO quota_grants (user_id, extra_daily, starts_at, ends_at, reason)
SELECT id, 10 * (1 + number %% 5), %(now)s::timestamptz - interval '2 days',
    %(now)s::timestamptz + (number %% 9 - 1.5) * interval '1 day',
    (ARRAY['선거 주간 특집', 'Launch of a new section', '체험 기간 연장', 'Moving from another tool'])[1 + number %% 4]
FROM demo_people WHERE number %% 11 = 1"""

FOUND = "SELECT EXISTS (SELECT FROM users WHERE password_hash = '!demo')"
