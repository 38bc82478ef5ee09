"""The Django app: connects the login signals and registers the checks."""

from django.apps import AppConfig


class AttributionConfig(AppConfig):
    """First-party marketing attribution."""

    name = "django_attribution"
    verbose_name = "Attribution"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what reacts to logins, and the system checks."""
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from django_attribution import checks, logins

        checks.register_checks()
        user_logged_in.connect(logins.claim_on_login, dispatch_uid="django_attribution.claim_on_login")
        user_logged_out.connect(logins.forget_on_logout, dispatch_uid="django_attribution.forget_on_logout")
