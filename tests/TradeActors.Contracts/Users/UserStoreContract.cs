using TradeActors.Abstractions.Journal;
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
        var first = await Users.RegisterAsync("t1", "T1", User("t1", "ann@example.com") with { Roles = "owner,operator" }, default);
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
        await Assert.ThrowsAsync<ArgumentException>(() => Users.RegisterAsync("t3", "T3", User("t4", "cy@example.com"), default));
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

    private static UserRecord User(string tenant, string email) => new($"user-{tenant}", tenant, email, "hash", "owner", Given.At);

    private Task<UserRecord?> RegisterAsync(string tenant, string email) =>
        Users.RegisterAsync(tenant, tenant.ToUpperInvariant(), User(tenant, email), default);
}
