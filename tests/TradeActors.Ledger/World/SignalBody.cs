using System.Globalization;

namespace TradeActors.Ledger.World;

public enum Meaning { Buy, Sell, Close, Reverse, Target }

/// <summary>One signal: what is posted, and what it means by the contract. No two bodies of a run are equal.</summary>
/// <param name="Root">The instrument, whatever name of it the body uses.</param>
/// <param name="Quantity">Null where the body names none.</param>
/// <param name="HasId">Whether the source's own key recognises a repeat; else the body does.</param>
public sealed record SignalBody(string Text, string Root, Meaning Meaning, decimal? Quantity, decimal Target, bool HasId)
{
    private static readonly string[] Actions = ["buy", "sell", "buy", "sell", "long", "short", "close", "exit", "reverse"];

    /// <summary>A signal in one of the understood shapes.</summary>
    /// <param name="number">Unique in the run: in the id, or else in the price, so that no body repeats another.</param>
    /// <param name="onlyIds">For recorders whose body-hash window is shorter than a client may retry.</param>
    public static SignalBody Next(Random random, string root, decimal unit, long number, bool onlyIds)
    {
        var symbol = NameOf(random, root);
        var price = (1_000m + (number * 0.01m)).ToString("0.00", CultureInfo.InvariantCulture);
        var quantity = unit * random.Next(1, 4);
        return random.Next(onlyIds ? 2 : 6) switch
        {
            0 => Own(random, root, symbol, quantity, $"\"id\":\"s-{number}\"", hasId: true),
            1 => Position(random, root, symbol, unit, $"\"id\":\"s-{number}\"", hasId: true),
            2 => Own(random, root, symbol, quantity, $"\"price\":{price}", hasId: false),
            3 => Position(random, root, symbol, unit, $"\"price\":\"{price}\"", hasId: false),
            4 => TradingViewOrder(random, root, symbol, quantity, price),
            _ => TradingViewTarget(random, root, symbol, unit, price),
        };
    }

    private static string NameOf(Random random, string root) => root is "AAPL" or "BTCUSDT" ? root
        : random.Next(3) switch { 0 => root, 1 => $"{root}1!", _ => $"CME:{root}1!" };

    private static SignalBody Own(Random random, string root, string symbol, decimal quantity, string unique, bool hasId)
    {
        var action = Actions[random.Next(Actions.Length)];
        var meaning = action switch
        {
            "buy" or "long" => Meaning.Buy,
            "sell" or "short" => Meaning.Sell,
            "reverse" => Meaning.Reverse,
            _ => Meaning.Close,
        };
        var named = meaning != Meaning.Reverse && random.Next(2) == 0 ? quantity : (decimal?)null;
        var text = $$"""{"action":"{{action}}","symbol":"{{symbol}}"{{(named is { } n ? $",\"quantity\":{Plain(n)}" : "")}},{{unique}}}""";
        return new SignalBody(text, root, meaning, named, 0m, hasId);
    }

    private static SignalBody Position(Random random, string root, string symbol, decimal unit, string unique, bool hasId)
    {
        var target = unit * random.Next(-3, 4);
        return new SignalBody($$"""{"ticker":"{{symbol}}","position":{{Plain(target)}},{{unique}}}""", root, Meaning.Target, null, target, hasId);
    }

    private static SignalBody TradingViewOrder(Random random, string root, string symbol, decimal quantity, string price)
    {
        var isBuy = random.Next(2) == 0;
        var text = $$"""{"ticker":"{{symbol}}","action":"{{(isBuy ? "buy" : "sell")}}","contracts":"{{Plain(quantity)}}","price":"{{price}}"}""";
        return new SignalBody(text, root, isBuy ? Meaning.Buy : Meaning.Sell, quantity, 0m, HasId: false);
    }

    private static SignalBody TradingViewTarget(Random random, string root, string symbol, decimal unit, string price)
    {
        var target = unit * random.Next(-3, 4);
        var (side, action) = target switch { > 0m => ("long", "buy"), < 0m => ("short", "sell"), _ => ("flat", "sell") };
        var text = $$"""
            {"ticker":"{{symbol}}","action":"{{action}}","contracts":"{{Plain(unit)}}","market_position":"{{side}}","market_position_size":"{{Plain(Math.Abs(target))}}","price":"{{price}}"}
            """;
        return new SignalBody(text, root, target == 0m ? Meaning.Close : Meaning.Target, null, target, HasId: false);
    }

    private static string Plain(decimal number) => number.ToString("0.####", CultureInfo.InvariantCulture);
}
