using Microsoft.Extensions.Configuration;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Configuration;

/// <summary>Lists, on a table of their own.</summary>
public sealed class SettingValuesTests
{
    private static readonly ListSetting Colours = new("colours", text => text.Length > 3 ? null : $"holds '{text}', which is too short.", "of the flag");

    [Theory]
    [InlineData("tradeactors:colours=green, blue")]
    [InlineData("tradeactors:colours:0=green|tradeactors:colours:1=blue")]
    [InlineData("TRADEACTORS:COLOURS=|tradeactors:colours:0=green|tradeactors:colours:1=blue")]
    public void List_is_read_from_one_text_or_item_by_item(string written) => Assert.Equal(["green", "blue"], Read(written).Of(Colours));

    [Fact]
    public void List_that_is_not_set_is_empty() => Assert.Empty(Read("other=1").Of(Colours));

    [Theory]
    [InlineData("tradeactors:colours=green,red", "(test) holds 'red'")]
    [InlineData("tradeactors:colours:0=red", "(test) holds 'red'")]
    [InlineData("tradeactors:colours:first=green", "tradeactors:colours:first (test) is not known")]
    public void Item_that_cannot_be_used_is_refused(string written, string says) =>
        Assert.Contains(says, Assert.Throws<SettingException>(() => Read(written)).Message, StringComparison.Ordinal);

    private static SettingValues Read(string written)
    {
        var found = written.Split('|').Select(line => line.Split('=')).Select(pair => (pair[0], (string?)pair[1], "test"));
        return SettingValues.Read(new ConfigurationBuilder().Add(new SettingsSource(found)).Build(), [Colours]);
    }
}
