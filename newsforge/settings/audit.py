"""The audit log: our own table, ids of requests as in the log."""

from newsforge import env

AUDITLOG_LOGENTRY_MODEL = "monitoring.AuditEntry"
AUDITLOG_CID_GETTER = "newsforge.lib.audit.request_id"
AUDITLOG_MASK_CALLABLE = "newsforge.lib.audit.hide"
MIGRATION_MODULES = {"auditlog": None}
"""The package's own table, which ours takes the place of, is not made."""

TRUSTED_PROXIES = env.networks("NEWSFORGE_TRUSTED_PROXIES")
