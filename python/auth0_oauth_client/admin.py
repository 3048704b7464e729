"""What support staff may see: who is whose, and never a token. Nothing is written by hand,
because every row is made by its rules; a link is undone by them too."""

from django.contrib import admin, messages
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .client import auth_client
from .errors import Auth0OauthClientError
from .models import AccountLinking, AccountToken, ConnectedAccount, LocalIdentity


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def page(self, request, template, title, **context):
        context |= self.admin_site.each_context(request) | {"title": title, "opts": self.model._meta}
        return TemplateResponse(request, f"admin/auth0_oauth_client/{template}.html", context)


class UsersAdmin(ReadOnlyAdmin):
    """Rows that each name a user of Auth0, in the field `user_id_field`."""

    actions = ("explain",)

    @admin.action(description=gettext_lazy("What the next sign-in would do"), permissions=["view"])
    def explain(self, request, queryset):
        user_ids = dict.fromkeys(queryset.values_list(self.user_id_field, flat=True))
        title = _("What the next sign-in would do")
        return self.page(request, "explain", title, explained=[_explained(user_id) for user_id in user_ids])


def _explained(user_id):
    try:
        return auth_client.explain_account_linking(user_id)
    except Auth0OauthClientError as error:
        return {"user_id": user_id, "error": str(error)}


@admin.register(AccountLinking)
class AccountLinkingAdmin(UsersAdmin):
    user_id_field = "primary_user_id"
    list_display = ("primary_user_id", "secondary_provider", "secondary_user_id", "rule", "created_at")
    search_fields = ("primary_user_id", "secondary_user_id")
    list_filter = ("secondary_provider",)
    date_hierarchy = "created_at"
    actions = ("explain", "undo")

    def has_undo_permission(self, request):
        """Django's own permission to delete links; nobody may delete the row alone."""
        return request.user.has_perm("auth0_oauth_client.delete_accountlinking")

    @admin.action(description=gettext_lazy("Undo the selected links"), permissions=["undo"])
    def undo(self, request, queryset):
        links = list(queryset)
        if request.POST.get("sure") != "yes":
            return self.page(request, "undo", _("Undo links?"), links=links)
        for link in links:
            self._undo(request, link)
        return None

    def _undo(self, request, link):
        try:
            auth_client.unlink_account(link.primary_user_id, link.secondary_provider, link.identity_user_id)
        except Auth0OauthClientError as error:
            text = _("Not undone: %(link)s: %(error)s") % {"link": link, "error": error}
            self.message_user(request, text, messages.ERROR)
            return
        self.log_change(request, link, f"undone: {link}")
        self.message_user(request, _("Undone: %(link)s") % {"link": link}, messages.SUCCESS)


@admin.register(ConnectedAccount)
class ConnectedAccountAdmin(ReadOnlyAdmin):
    list_display = ("provider", "email", "user_id_owner", "is_account_linked", "created_at")
    search_fields = ("email", "user_id_owner", "connected_account_id")
    list_filter = ("provider", "is_account_linked")
    fields = (
        "connected_account_id",
        "provider",
        "email",
        "user_id_owner",
        "is_account_linked",
        "created_at",
        "updated_at",
    )


@admin.register(AccountToken)
class AccountTokenAdmin(UsersAdmin):
    user_id_field = "user_id"
    list_display = ("user_id", "updated_at")
    search_fields = ("user_id",)
    fields = ("user_id", "created_at", "updated_at")


@admin.register(LocalIdentity)
class LocalIdentityAdmin(UsersAdmin):
    user_id_field = "subject"
    list_display = ("user", "issuer", "subject", "created_at")
    search_fields = ("subject",)
    fields = ("user", "issuer", "subject", "created_at")

    def has_delete_permission(self, request, obj=None):
        """It goes with its user, whom the admin would not delete otherwise. The person's next
        sign-in makes a new one."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
