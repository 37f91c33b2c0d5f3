"""Logging in: by e-mail address and password, then a second factor; and how long it lasts."""

from newsforge import env

AUTHENTICATION_BACKENDS = ["accounts.backend.AnyLetters"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = 12 * 60 * 60
"""Seconds: a working day, reckoned from logging in."""
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
"""Seconds: the language somebody chose outlasts the browser's window."""

SIGNUP_OPEN = env.flag("NEWSFORGE_SIGNUP_OPEN")
STAFF_MFA = env.flag("NEWSFORGE_STAFF_MFA")

ACCOUNT_ADAPTER = "accounts.login.LoginAdapter"
ACCOUNT_FORMS = {"signup": "accounts.web.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
"""An address is changed by whoever gives the password or a second factor again."""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/account/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "NewsForge Pro: "
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/10m/ip",
    "reset_password": "10/10m/ip,3/10m/key",
    "confirm_email": "1/m/key,5/h/key,20/h/ip",
    "manage_email": "10/10m/user",
}
"""``login_failed`` also limits the second factor: five wrong codes in five minutes. A key is an address."""

MFA_ADAPTER = "accounts.login.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
"""Who has a second factor may change the address, and set one up while that is on its way: nobody logs in unproven."""
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "NewsForge Pro"
