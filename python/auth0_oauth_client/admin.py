"""What support staff may see: who is whose, and never a token. Nothing is written by hand,
because every row is made by its rules."""

from django.contrib import admin

from .models import AccountLinking, AccountToken, ConnectedAccount, LocalIdentity


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AccountLinking)
class AccountLinkingAdmin(ReadOnlyAdmin):
    list_display = ("primary_user_id", "secondary_provider", "secondary_user_id", "created_at")
    search_fields = ("primary_user_id", "secondary_user_id")
    list_filter = ("secondary_provider",)
    date_hierarchy = "created_at"


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
class AccountTokenAdmin(ReadOnlyAdmin):
    list_display = ("user_id", "updated_at")
    search_fields = ("user_id",)
    fields = ("user_id", "created_at", "updated_at")


@admin.register(LocalIdentity)
class LocalIdentityAdmin(ReadOnlyAdmin):
    list_display = ("user", "issuer", "subject", "created_at")
    search_fields = ("subject",)
    fields = ("user", "issuer", "subject", "created_at")
