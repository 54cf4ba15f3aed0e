using System.Globalization;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace TradeActors.Configuration.Hocon.Tests;

public sealed class UnitTests
{
    [Theory]
    [InlineData("10s", "00:00:10")]
    [InlineData("500 ms", "00:00:00.5")]
    [InlineData("2 minutes", "00:02:00")]
    [InlineData(" 1.5  h ", "01:30:00")]
    [InlineData("250", "00:00:00.25")]
    [InlineData("1e3", "00:00:01")]
    [InlineData("-3 s", "-00:00:03")]
    [InlineData("1 d", "1.00:00:00")]
    [InlineData("100 ns", "00:00:00.0000001")]
    [InlineData("7 nanos", "00:00:00")]
    [InlineData("3us", "00:00:00.0000030")]
    [InlineData("3 micros", "00:00:00.0000030")]
    [InlineData("3 millis", "00:00:00.0030000")]
    [InlineData("1 second", "00:00:01")]
    [InlineData("1 day", "1.00:00:00")]
    public void Duration_is_read(string text, string expected) =>
        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), Configuration(text).GetDuration("section:key"));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10 S")]
    [InlineData("10 weeks")]
    [InlineData("ten s")]
    [InlineData("10 s s")]
    [InlineData("1,5 s")]
    [InlineData("00:00:10")]
    [InlineData("99999999999999999999999999 d")]
    [InlineData("11000000 d")]
    public void Text_that_is_no_duration_is_refused_by_key_value_and_remedy(string text)
    {
        var refused = Assert.Throws<FormatException>(() => Configuration(text).GetSection("section").GetDuration("key"));

        Assert.Contains($"section:key = '{text}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("10s", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("512 bytes", 512)]
    [InlineData("64KiB", 65_536)]
    [InlineData("64 K", 65_536)]
    [InlineData("64k", 65_536)]
    [InlineData("64 Ki", 65_536)]
    [InlineData("1 kB", 1_000)]
    [InlineData("1 kilobyte", 1_000)]
    [InlineData("10MB", 10_000_000)]
    [InlineData("10 megabytes", 10_000_000)]
    [InlineData("1.5 MiB", 1_572_864)]
    [InlineData("1m", 1_048_576)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("1 gibibyte", 1_073_741_824)]
    [InlineData("1TiB", 1_099_511_627_776)]
    [InlineData("1 PB", 1_000_000_000_000_000)]
    [InlineData("7 exbibytes", 8_070_450_532_247_928_832)]
    [InlineData("0.000001 ZB", 1_000_000_000_000_000)]
    [InlineData("0.3 KiB", 307)]
    public void Size_is_read_in_bytes(string text, long expected) => Assert.Equal(expected, Configuration(text).GetBytes("section:key"));

    [Theory]
    [InlineData("")]
    [InlineData("KiB")]
    [InlineData("-1")]
    [InlineData("1 KB")]
    [InlineData("1 kilos")]
    [InlineData("8 EiB")]
    [InlineData("1 YB")]
    [InlineData("1 x 2 B")]
    public void Text_that_is_no_size_is_refused_by_key_value_and_remedy(string text)
    {
        var refused = Assert.Throws<FormatException>(() => Configuration(text).GetBytes("section:key"));

        Assert.Contains($"section:key = '{text}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("64KiB", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_without_a_value_has_neither()
    {
        var configuration = new ConfigurationBuilder().Build();

        Assert.Null(configuration.GetDuration("key"));
        Assert.Null(configuration.GetBytes("key"));
    }

    private static IConfiguration Configuration(string text) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("section:key", text)]).Build();
}
