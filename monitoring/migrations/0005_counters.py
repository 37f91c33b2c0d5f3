"""Tables of what happened, and the triggers that write it.

No models: nobody but the triggers writes them and nobody but ``monitoring.metrics.totals`` reads them. Conditions stand
inside the functions, not in the triggers: a column that a trigger names cannot change its type.
"""

from django.db import migrations

TABLES = """
-- One thing that happened, in the transaction that made it happen; gone once it is added up.
CREATE TABLE counted_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    metric text NOT NULL,
    labels text NOT NULL,  -- their values, separated by |
    value numeric NOT NULL CHECK (value >= 0)
);
-- All that happened so far; never decreases, whatever retention removes.
CREATE TABLE counted_totals (
    metric text NOT NULL,
    labels text NOT NULL,
    bucket integer NOT NULL CHECK (bucket >= 0),  -- upper bound in ms; 0 above all, and for what is no histogram
    count bigint NOT NULL CHECK (count >= 0),
    total numeric NOT NULL CHECK (total >= 0),
    PRIMARY KEY (metric, labels, bucket)
);
"""

CONVERSIONS = """
CREATE FUNCTION count_conversion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := COALESCE(NULLIF(NEW.provider, ''), NULLIF(NEW.requested_provider, 'auto'), 'none');
    asked bigint;
BEGIN
    IF NEW.status = OLD.status OR NEW.status NOT IN ('succeeded', 'failed', 'cancelled') THEN
        RETURN NULL;
    END IF;
    INSERT INTO counted_events (metric, labels, value)
        VALUES ('conversions', concat_ws('|', NEW.target_platform, who, NEW.status), 1);
    IF NEW.status = 'failed' THEN
        INSERT INTO counted_events (metric, labels, value)
            VALUES ('failures', concat_ws('|', NEW.failure_code, COALESCE(NULLIF(NEW.fault, ''), 'us')), 1);
        IF NEW.position = 0 AND NEW.failure_code IN
            ('too-short', 'blocked', 'paywalled', 'consent-wall', 'js-shell', 'not-an-article') THEN
            INSERT INTO counted_events (metric, labels, value)
                VALUES ('verdicts', replace(NEW.failure_code, '-', '_'), 1);
        END IF;
    ELSIF NEW.status = 'succeeded' AND NEW.started_at IS NOT NULL THEN
        SELECT COALESCE(sum(latency_ms), 0) INTO asked FROM attempts
            WHERE conversion_id = NEW.id AND created_at >= NEW.started_at AND payer <> 'nobody';
        INSERT INTO counted_events (metric, labels, value)
            SELECT 'duration', '', COALESCE(NEW.processing_time_ms, 0)
            UNION ALL SELECT 'overhead', '', GREATEST(COALESCE(NEW.processing_time_ms, 0) - asked, 0)
            UNION ALL SELECT 'wait', '', GREATEST(extract(epoch FROM NEW.started_at - NEW.created_at) * 1000, 0)
            UNION ALL SELECT 'stages', key, GREATEST(value::numeric, 0) FROM jsonb_each_text(NEW.timings);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_conversion AFTER UPDATE ON conversion_logs FOR EACH ROW EXECUTE FUNCTION count_conversion();
"""

ATTEMPTS = """
CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := COALESCE(OLD.state, 'open');  -- a row that is written when its call is over has no OLD
    paid numeric := COALESCE(OLD.cost_usd, 0);
BEGIN
    IF NEW.state = before AND NEW.cost_usd IS NOT DISTINCT FROM OLD.cost_usd THEN
        RETURN NULL;
    END IF;
    IF before = 'open' AND NEW.state <> 'open' THEN
        INSERT INTO counted_events (metric, labels, value)
            SELECT 'calls', concat_ws('|', NEW.provider, NEW.payer, COALESCE(NULLIF(NEW.failure_code, ''), NEW.state)), 1
            UNION ALL SELECT 'call_time', NEW.provider, NEW.latency_ms WHERE NEW.failure_code <> 'worker-lost';
    END IF;
    -- An answer that comes after its call was taken for lost still costs: what is more than before is counted.
    INSERT INTO counted_events (metric, labels, value)
        SELECT 'tokens', concat_ws('|', NEW.provider, kind), more
        FROM (VALUES
            ('input', NEW.input_tokens - COALESCE(OLD.input_tokens, 0)),
            ('output', NEW.output_tokens - COALESCE(OLD.output_tokens, 0)),
            ('cache_read', NEW.cache_read_tokens - COALESCE(OLD.cache_read_tokens, 0)),
            ('cache_write', NEW.cache_write_tokens - COALESCE(OLD.cache_write_tokens, 0))
        ) AS used (kind, more) WHERE more > 0
        UNION ALL SELECT 'cost', concat_ws('|', NEW.provider, NEW.payer), NEW.cost_usd - paid WHERE NEW.cost_usd > paid;
    RETURN NULL;
END $$;
CREATE TRIGGER count_attempt AFTER INSERT OR UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION count_attempt();
"""

ARTICLES = """
CREATE FUNCTION count_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.verdict = 'unread' AND NEW.verdict <> 'unread' THEN
        INSERT INTO counted_events (metric, labels, value)
            SELECT 'verdicts', NEW.verdict, 1
            UNION ALL SELECT 'stages', 'read', NEW.read_ms WHERE NEW.read_ms IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_article AFTER UPDATE ON articles FOR EACH ROW EXECUTE FUNCTION count_article();
"""

WEBHOOKS = """
CREATE FUNCTION count_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tries > OLD.tries THEN
        INSERT INTO counted_events (metric, labels, value)
            VALUES ('webhook_tries', COALESCE((NEW.last_status / 100) || 'xx', 'no_answer'), 1);
    END IF;
    IF NEW.state <> OLD.state AND NEW.state <> 'pending' THEN
        INSERT INTO counted_events (metric, labels, value) VALUES ('webhooks', NEW.state, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_webhook AFTER UPDATE ON webhook_deliveries FOR EACH ROW EXECUTE FUNCTION count_webhook();
"""


def _trigger(sql: str, name: str, table: str) -> migrations.RunSQL:
    return migrations.RunSQL(sql, f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();")


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_on_delete"), ("conversions", "0002_on_delete")]

    operations = [
        migrations.RunSQL(TABLES, "DROP TABLE counted_events, counted_totals;"),
        _trigger(CONVERSIONS, "count_conversion", "conversion_logs"),
        _trigger(ATTEMPTS, "count_attempt", "attempts"),
        _trigger(ARTICLES, "count_article", "articles"),
        _trigger(WEBHOOKS, "count_webhook", "webhook_deliveries"),
    ]
