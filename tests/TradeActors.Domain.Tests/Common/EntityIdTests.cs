using TradeActors.Domain.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Common;

public sealed class EntityIdTests
{
    [Theory]
    [InlineData("acme/account/acc-17", "acme", "account", "acc-17")]
    [InlineData("a/recorder/0", "a", "recorder", "0")]
    public void Text_is_read_and_written_unchanged(string text, string tenant, string kind, string key)
    {
        Assert.Equal(new EntityId(tenant, kind, key), EntityId.Parse(text));
        Assert.Equal(text, EntityId.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("acme/account")]
    [InlineData("acme/account/")]
    [InlineData("/account/a")]
    [InlineData("acme//a")]
    [InlineData("acme/account/a/b")]
    [InlineData("Acme/account/a")]
    [InlineData("acme/account/a b")]
    [InlineData("acme/account/ä")]
    [InlineData("acme/account/a_b")]
    [InlineData("acme/account/12345678901234567890123456789012345678901")]
    public void Text_of_another_form_is_refused_with_the_text_in_the_message(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => EntityId.Parse(text)).Message);

    [Theory]
    // Fixed for ever: where these entities live in every installation. A change here moves stored entities to other shards.
    [InlineData("acme/account/acc-17", 128, 16)]
    [InlineData("acme/recorder/rec-1", 128, 8)]
    [InlineData("demo/account/demo", 128, 0)]
    [InlineData("t1/connection/c1", 7, 0)]
    [InlineData("t1/connection/c1", 1, 0)]
    public void Shard_of_an_entity_never_changes(string id, int shards, int expected) => Assert.Equal(expected, EntityId.Parse(id).ShardHash(shards));

    [Fact]
    public void Account_connection_and_exchange_of_one_key_share_a_shard() => Assert.Single(
        new[] { EntityKind.Account, EntityKind.Connection, EntityKind.PaperExchange }.Select(kind => new EntityId("acme", kind, "acc-17").ShardHash(128)).Distinct());

    [Fact]
    public void Shards_are_used_evenly()
    {
        var counts = Enumerable.Range(0, 12_800).CountBy(n => new EntityId("tenant", EntityKind.Account, $"acc-{n}").ShardHash(128)).ToDictionary();
        Assert.Equal(128, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 40, 180));
    }

    [Fact]
    public void Ids_sort_by_tenant_then_kind_then_key()
    {
        EntityId[] sorted =
        [
            new("acme", "account", "a"), new("acme", "account", "b"), new("acme", "recorder", "a"), new("acme-b", "account", "a"), new("b", "account", "a"),
        ];
        Assert.Equal(sorted, sorted.Reverse().Order());
        Assert.True(sorted[0] < sorted[1] && sorted[1] <= sorted[1] && sorted[2] > sorted[1] && sorted[2] >= sorted[2]);
    }
}
