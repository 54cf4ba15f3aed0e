using FsCheck;
using FsCheck.Fluent;
using TradeActors.Domain.Instruments;
using Xunit;

namespace TradeActors.Domain.Tests.Instruments;

public sealed class InstrumentTests
{
    [Theory]
    [InlineData("ES", "5000.12", "5000")]
    [InlineData("ES", "5000.125", "5000.25")]
    [InlineData("ES", "-5000.125", "-5000.25")] // Calendar spreads and crude oil have been below zero.
    [InlineData("ES", "-5000.12", "-5000")]
    [InlineData("ES", "5000.50", "5000.5")]
    [InlineData("ZN", "113.01", "113.015625")]
    [InlineData("6J", "0.00651234", "0.0065125")]
    [InlineData("AAPL", "0", "0")]
    [InlineData("6J", "79228162514264337593543950335", "79228162514264337593543950335")]
    public void Price_rounds_to_the_nearest_tick(string root, string price, string expected) =>
        Assert.Equal(decimal.Parse(expected), InstrumentCatalog.Find(root)!.RoundToTick(decimal.Parse(price)));

    [Theory]
    [InlineData("ES", "2.9", "2")]
    [InlineData("ES", "0.9", "0")]
    [InlineData("AAPL", "10", "10")]
    [InlineData("BTCUSDT", "0.12345", "0.123")]
    [InlineData("BTCUSD", "0.123456", "0.12345")]
    public void Quantity_rounds_down_to_the_step(string root, string quantity, string expected) =>
        Assert.Equal(decimal.Parse(expected), InstrumentCatalog.Find(root)!.RoundQuantityDown(decimal.Parse(quantity)));

    [Fact]
    public void Rounded_price_is_on_the_grid_and_at_most_half_a_tick_away() => Prop.ForAll(
        Gen.Elements(InstrumentCatalog.All.AsEnumerable()).ToArbitrary(),
        Gen.Choose(-100_000_000, 100_000_000).Select(n => n / 10_000m).ToArbitrary(),
        (instrument, price) =>
        {
            var rounded = instrument.RoundToTick(price);
            return instrument.IsOnTick(rounded)
                && Math.Abs(rounded - price) * 2 <= instrument.TickSize
                && instrument.RoundToTick(rounded) == rounded;
        }).QuickCheckThrowOnFailure();
}
