using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using Xunit;

namespace TradeActors.Contracts.Users;

/// <summary>What every engine of <see cref="IUserStore"/> must do.</summary>
public abstract class UserStoreContract(IStoreData data) : StoreContract(data)
{
    private IUserStore Users => Store.Users;

    [Fact]
    public async Task Registered_user_is_found_by_id_and_email_also_after_a_restart()
    {
        await RegisterAsync("t1", "ann@example.com");
        var stored = await RegisterAsync("t2", "bob@example.com");
        Assert.Equal(User("t2", "bob@example.com"), stored);
        await RestartAsync();
        Assert.Equal(stored, await Users.FindAsync("user-t2", default));
        Assert.Equal(stored, await Users.FindByEmailAsync("bob@example.com", default));
    }

    [Fact]
    public async Task Unknown_user_is_not_found()
    {
        Assert.Null(await Users.FindAsync("nobody", default));
        Assert.Null(await Users.FindByEmailAsync("nobody@example.com", default));
    }

    [Fact]
    public async Task Store_knows_whether_it_has_any_user()
    {
        Assert.False(await Users.AnyAsync(default));
        await RegisterAsync("t1", "ann@example.com");
        Assert.True(await Users.AnyAsync(default));
    }

    [Fact]
    public async Task Only_the_first_user_of_the_installation_becomes_operator()
    {
        var first = await RegisterAsync("t1", "ann@example.com");
        var second = await RegisterAsync("t2", "bob@example.com");
        Assert.True(first!.Is("operator") && first.Is("owner"), first.Roles);
        Assert.False(second!.Is("operator"), second.Roles);
        Assert.Equal(first, await Users.FindAsync(first.Id, default));
    }

    [Fact]
    public async Task Role_of_operator_is_not_given_twice()
    {
        var first = await Users.RegisterAsync(Tenant("t1"), User("t1", "ann@example.com") with { Roles = "owner,operator" }, default);
        Assert.Equal("owner,operator", first!.Roles);
    }

    [Fact]
    public async Task Email_is_compared_without_case_and_kept_as_given()
    {
        await RegisterAsync("t1", "Ann.Größe@Example.com");
        Assert.Equal("Ann.Größe@Example.com", (await Users.FindByEmailAsync("ann.GRÖßE@example.COM", default))?.Email);
        Assert.Null(await RegisterAsync("t2", "ANN.größe@EXAMPLE.com"));
    }

    [Fact]
    public async Task Taken_email_makes_neither_user_nor_tenant()
    {
        await RegisterAsync("t1", "ann@example.com");
        Assert.Null(await RegisterAsync("t2", "ann@example.com"));
        Assert.Null(await Users.FindAsync("user-t2", default));
        Assert.NotNull(await RegisterAsync("t2", "bob@example.com"));
    }

    [Fact]
    public async Task Id_that_is_in_use_or_a_foreign_owner_is_a_defect_of_the_caller()
    {
        await RegisterAsync("t1", "ann@example.com");
        await Assert.ThrowsAsync<ArgumentException>(() => RegisterAsync("t1", "bob@example.com"));
        await Assert.ThrowsAsync<ArgumentException>(() => Users.RegisterAsync(Tenant("t3"), User("t4", "cy@example.com"), default));
        Assert.Null(await Users.FindByEmailAsync("bob@example.com", default));
        Assert.NotNull(await RegisterAsync("t2", "bob@example.com"));
    }

    [Fact]
    public async Task Of_racing_registrations_of_one_email_exactly_one_wins_and_is_the_operator()
    {
        var users = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => RegisterAsync($"t{i}", "ann@example.com"))));
        var winner = Assert.Single(users, user => user is not null);
        Assert.True(winner!.Is("operator"));
    }

    [Fact]
    public async Task Failed_registration_leaves_nothing_behind()
    {
        Store.FailNextTransaction();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => RegisterAsync("t1", "ann@example.com"));
        Assert.False(await Users.AnyAsync(default));
        Assert.True((await RegisterAsync("t1", "ann@example.com"))!.Is("operator"));
    }

    [Fact]
    public async Task Key_ring_gives_back_what_was_saved_also_after_a_restart()
    {
        Assert.Empty(Store.KeyRing.LoadAll());
        Store.KeyRing.Save("key-2", "<key id=\"2\" />");
        Store.KeyRing.Save("key-1", "<key id=\"1\">ü</key>");
        await RestartAsync();
        Assert.Equal(["<key id=\"1\">ü</key>", "<key id=\"2\" />"], Store.KeyRing.LoadAll().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Key_ring_element_saved_again_replaces_the_old_one()
    {
        Store.KeyRing.Save("key-1", "<old />");
        Store.KeyRing.Save("key-1", "<new />");
        Assert.Equal(["<new />"], Store.KeyRing.LoadAll());
    }

    [Fact]
    public async Task Changed_user_is_read_back_whole_and_an_outdated_change_is_refused()
    {
        var user = (await RegisterAsync("t1", "ann@example.com"))!;
        var changed = user with
        {
            PasswordHash = "hash2",
            SecurityStamp = "stamp2",
            FailedLogIns = 3,
            LockedUntil = Given.At.AddMinutes(5),
            LastLogInAt = Given.At.AddMinutes(1),
            HasTwoFactor = true,
            AuthenticatorKey = "key",
            RecoveryCodes = "a;b",
            UsedCodes = "code",
        };
        Assert.Equal(UserChange.Done, await Users.UpdateAsync(changed, default));
        await RestartAsync();
        Assert.Equal(changed with { Version = 1 }, await Users.FindAsync(user.Id, default));
        Assert.Equal(UserChange.Outdated, await Users.UpdateAsync(changed with { FailedLogIns = 9 }, default));
        Assert.Equal(UserChange.NotFound, await Users.UpdateAsync(changed with { Id = "nobody" }, default));
        Assert.Equal(3, (await Users.FindAsync(user.Id, default))!.FailedLogIns);
    }

    [Fact]
    public async Task An_update_changes_neither_address_nor_roles()
    {
        var user = (await RegisterAsync("t1", "ann@example.com"))!;
        await Users.UpdateAsync(user with { Email = "x@example.com", Roles = "viewer", Tenant = "t9" }, default);
        Assert.Equal(user with { Version = 1 }, await Users.FindAsync(user.Id, default));
    }

    [Fact]
    public async Task Of_racing_changes_from_one_version_exactly_one_wins()
    {
        var user = (await RegisterAsync("t1", "ann@example.com"))!;
        var done = await Task.WhenAll(Enumerable.Range(1, 16).Select(i => Task.Run(() => Users.UpdateAsync(user with { FailedLogIns = i }, default))));
        Assert.Single(done, UserChange.Done);
    }

    [Fact]
    public async Task Tenant_keeps_an_owner_and_installation_an_operator()
    {
        var ann = (await RegisterAsync("t1", "ann@example.com"))!;
        await RegisterAsync("t2", "bob@example.com");
        Assert.Equal(UserChange.LastOwner, await Users.ChangeRoleAsync("t1", ann.Id, "viewer", default));
        Assert.Equal(UserChange.LastOperator, await Users.RemoveAsync("t1", ann.Id, default));
        Assert.Equal(UserChange.LastOperator, await Users.ChangeOperatorAsync(ann.Id, false, default));
        Assert.Equal(UserChange.LastOwner, await Users.RemoveAsync("t2", "user-t2", default));
        Assert.Equal(UserChange.NotFound, await Users.RemoveAsync("t1", "user-t2", default));
        Assert.Equal(UserChange.NotFound, await Users.ChangeRoleAsync("t1", "user-t2", "viewer", default));

        Assert.Equal(UserChange.Done, await Users.ChangeOperatorAsync("user-t2", true, default));
        Assert.Equal(UserChange.Done, await Users.ChangeOperatorAsync("user-t2", true, default));
        Assert.Equal(UserChange.Done, await Users.ChangeOperatorAsync(ann.Id, false, default));
        Assert.Equal("owner", (await Users.FindAsync(ann.Id, default))!.Roles);
        Assert.Equal("operator,owner", (await Users.FindAsync("user-t2", default))!.Roles);
        Assert.Equal(UserChange.NotFound, await Users.ChangeOperatorAsync("nobody", true, default));
    }

    [Fact]
    public async Task Changed_role_leaves_the_operator_operator()
    {
        var ann = (await RegisterAsync("t1", "ann@example.com"))!;
        await JoinAsync("t1", "cy@example.com", "owner");
        Assert.Equal(UserChange.Done, await Users.ChangeRoleAsync("t1", ann.Id, "trader", default));
        Assert.Equal("operator,trader", (await Users.FindAsync(ann.Id, default))!.Roles);
    }

    [Fact]
    public async Task Invitation_is_found_by_its_token_and_used_once()
    {
        await RegisterAsync("t1", "ann@example.com");
        var invitation = Invitation("t1", "cy@example.com", "token1");
        Assert.Equal(UserChange.Done, await Users.InviteAsync(invitation, default));
        await RestartAsync();
        Assert.Equal(invitation, await Users.FindInvitationAsync("token1", default));
        Assert.Equal([invitation], await Users.ListInvitationsAsync("t1", default));
        Assert.Empty(await Users.ListInvitationsAsync("t2", default));

        var cy = new UserRecord("user-cy", "t1", "cy@example.com", "hash", "trader", Given.At) { SecurityStamp = "s" };
        Assert.Equal(UserChange.Done, await Users.AcceptInvitationAsync(invitation.Id, cy, default));
        Assert.Equal(cy, await Users.FindByEmailAsync("CY@example.com", default));
        Assert.Null(await Users.FindInvitationAsync("token1", default));
        Assert.Equal(["user-t1", "user-cy"], (await Users.ListAsync("t1", default)).Select(user => user.Id).Order().Reverse());
        Assert.Equal(UserChange.NotFound, await Users.AcceptInvitationAsync(invitation.Id, cy with { Id = "user-cy2", Email = "cy2@example.com" }, default));
    }

    [Fact]
    public async Task New_invitation_of_an_address_replaces_the_old_one_in_its_tenant_alone()
    {
        await RegisterAsync("t1", "ann@example.com");
        await RegisterAsync("t2", "bob@example.com");
        await Users.InviteAsync(Invitation("t1", "cy@example.com", "token1"), default);
        await Users.InviteAsync(Invitation("t2", "cy@example.com", "token2"), default);
        await Users.InviteAsync(Invitation("t1", "CY@example.com", "token3"), default);
        Assert.Null(await Users.FindInvitationAsync("token1", default));
        Assert.NotNull(await Users.FindInvitationAsync("token2", default));
        Assert.NotNull(await Users.FindInvitationAsync("token3", default));
        Assert.Equal(UserChange.EmailTaken, await Users.InviteAsync(Invitation("t1", "Ann@example.com", "token4"), default));
        Assert.Equal(UserChange.NotFound, await Users.WithdrawInvitationAsync("t2", "inv-token3", default));
        Assert.Equal(UserChange.Done, await Users.WithdrawInvitationAsync("t1", "inv-token3", default));
        Assert.Null(await Users.FindInvitationAsync("token3", default));
    }

    [Fact]
    public async Task Invitation_of_an_address_that_has_a_user_elsewhere_is_not_accepted()
    {
        await RegisterAsync("t1", "ann@example.com");
        await RegisterAsync("t2", "bob@example.com");
        await Users.InviteAsync(Invitation("t1", "bob@example.com", "token1"), default);
        var bob = new UserRecord("bob2", "t1", "bob@example.com", "hash", "trader", Given.At);
        Assert.Equal(UserChange.EmailTaken, await Users.AcceptInvitationAsync("inv-token1", bob, default));
        Assert.NotNull(await Users.FindInvitationAsync("token1", default));
    }

    [Fact]
    public async Task Waiting_tenant_is_let_in_or_removed()
    {
        Assert.True((await Users.RegisterAsync(Tenant("t1") with { IsApproved = false }, User("t1", "ann@example.com"), default))!.IsTenantApproved); // The first.
        foreach (var tenant in (string[])["t2", "t3"])
        {
            var user = await Users.RegisterAsync(Tenant(tenant) with { IsApproved = false }, User(tenant, $"{tenant}@example.com"), default);
            Assert.False(user!.IsTenantApproved);
        }

        Assert.True(await Users.ApproveTenantAsync("t2", default));
        Assert.True((await Users.FindAsync("user-t2", default))!.IsTenantApproved);
        Assert.False(await Users.ApproveTenantAsync("t9", default));
        Assert.False(await Users.RefuseTenantAsync("t2", default));
        Assert.True(await Users.RefuseTenantAsync("t3", default));
        Assert.Null(await Users.FindAsync("user-t3", default));
        Assert.Equal([(true, 1, "t1"), (true, 1, "t2")], (await Users.ListTenantsAsync(default)).Select(each => (each.Tenant.IsApproved, each.Users, each.Tenant.Id)));
    }

    [Fact]
    public async Task Api_key_is_found_by_its_hash_until_it_or_its_user_is_removed()
    {
        await RegisterAsync("t1", "ann@example.com");
        await RegisterAsync("t2", "bob@example.com");
        await JoinAsync("t1", "cy@example.com", "trader");
        var key = new ApiKeyRecord("k1", "t1", "cy@example.com", "Robot", "hash1", ["read", "trade"], Given.At, Given.At.AddDays(1), null);
        await Store.ApiKeys.AddAsync(key, default);
        await Store.ApiKeys.AddAsync(key with { Id = "k2", Hash = "hash2", ExpiresAt = null }, default);
        await Store.ApiKeys.UsedAsync("k1", Given.At.AddMinutes(2), default);
        await RestartAsync();
        var found = await Store.ApiKeys.FindAsync("hash1", default);
        Assert.Equal(["read", "trade"], found!.Scopes.ToArray());
        Assert.Equal(key with { Scopes = found.Scopes, LastUsedAt = Given.At.AddMinutes(2) }, found);
        Assert.Empty(await Store.ApiKeys.ListAsync("t2", default));
        Assert.False(await Store.ApiKeys.RemoveAsync("t2", "k1", default));
        Assert.True(await Store.ApiKeys.RemoveAsync("t1", "k1", default));
        Assert.Null(await Store.ApiKeys.FindAsync("hash1", default));

        Assert.Equal(UserChange.Done, await Users.RemoveAsync("t1", "cy@example.com", default));
        Assert.Null(await Store.ApiKeys.FindAsync("hash2", default));
    }

    [Fact]
    public async Task Audit_rows_are_listed_newest_first_by_tenant()
    {
        var row = new AuditRow("1", Given.At, "u", "ann@example.com", null, "POST /x/{id}", "id=1", 200, null, "127.0.0.1");
        await Store.Audit.WriteAsync("t1", row, default);
        await Store.Audit.WriteAsync("t1", row with { Id = "2", At = Given.At.AddSeconds(1), Status = 422, Reason = "Refused" }, default);
        await Store.Audit.WriteAsync("t2", row with { Id = "3" }, default);
        await RestartAsync();
        var rows = await Store.Reads.ListAsync(new RowQuery(ReadTable.Audit, "t1", "", 10, NewestFirst: true, States: []), default);
        Assert.Equal(
            [row with { Id = "2", At = Given.At.AddSeconds(1), Status = 422, Reason = "Refused" }, row],
            rows.Select(each => RowJson.Deserialize<AuditRow>(each.Doc)));
    }

    private static UserRecord User(string tenant, string email) => new($"user-{tenant}", tenant, email, "hash", "owner", Given.At);

    private static TenantRecord Tenant(string id) => new(id, id.ToUpperInvariant(), Given.At, IsApproved: true);

    private static InvitationRecord Invitation(string tenant, string email, string token) =>
        new($"inv-{token}", tenant, email, "trader", token, "somebody", Given.At, Given.At.AddDays(7));

    private async Task JoinAsync(string tenant, string email, string role)
    {
        var invitation = Invitation(tenant, email, $"token of {email}");
        await Users.InviteAsync(invitation, default);
        Assert.Equal(UserChange.Done, await Users.AcceptInvitationAsync(invitation.Id, new UserRecord(email, tenant, email, "hash", role, Given.At), default));
    }

    private Task<UserRecord?> RegisterAsync(string tenant, string email) => Users.RegisterAsync(Tenant(tenant), User(tenant, email), default);
}
