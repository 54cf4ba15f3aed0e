using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Configuration;

public sealed class EditDistanceTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("shards", "shards", 0)]
    [InlineData("shard", "shards", 1)]
    [InlineData("sards", "shards", 1)]
    [InlineData("shbrds", "shards", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_counts_changed_added_and_missing_letters(string from, string to, int expected) =>
        Assert.Equal(expected, EditDistance.Between(from, to));
}
