using System.Collections.Immutable;
using System.Globalization;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Recorders;

/// <summary>What one filter said, and the reason to show when it refused.</summary>
internal readonly record struct Ruling(Verdict Verdict, string Reason)
{
    public Ruling(string filter, bool passed, string reason, string detail)
        : this(new Verdict(filter, passed, detail), reason)
    {
    }
}

/// <summary>An entry as the filters look at it.</summary>
/// <param name="ReceivedAt">From which the cooldown counts, so that recorder and account measure the same.</param>
/// <param name="Tally">Of the recorder, or of the subscription on the account.</param>
/// <param name="Unrealized">Of what is held; null while a price is missing.</param>
internal readonly record struct FilteredEntry(
    Contract Contract, Side Side, DateTimeOffset ReceivedAt, DateTimeOffset Now, EntryTally Tally, Func<decimal?> Unrealized)
{
    public string TradingDate => FilterRules.TradingDateOf(Contract.Instrument, ReceivedAt);
}

/// <summary>
/// The filters of field/risk.md in its order, the same for a recorder and for each account. They stop entries only; whatever reduces passes them all.
/// </summary>
internal static class FilterRules
{
    private static readonly CultureInfo Text = CultureInfo.InvariantCulture;

    /// <summary>The instrument's trading date, yyyy-MM-dd: what session counters count by.</summary>
    public static string TradingDateOf(Instrument instrument, DateTimeOffset at) => instrument.TradingDate(at).ToString("uuuu'-'MM'-'dd", Text);

    /// <summary>All but "every Nth", which comes after every other rule of its judge.</summary>
    public static IEnumerable<Ruling> Judge(Settings settings, FilteredEntry entry)
    {
        yield return Symbols(settings.Filters, entry.Contract);
        yield return Direction(settings.Direction, entry.Side);
        yield return Window(settings.Filters, entry.Now);
        yield return Cooldown(settings.Filters, entry);
        yield return Session(settings.Filters, entry);
        yield return DailyLoss(settings.Filters, entry);
    }

    /// <summary>A number is counted only for entries that every other rule lets pass; it begins anew with the trading day.</summary>
    public static Ruling Nth(int? every, FilteredEntry entry)
    {
        if (every is not > 1)
        {
            return new Ruling("everyNth", true, SignalReason.NotNth, "every signal");
        }

        var number = entry.Tally.On(entry.TradingDate).Offered + 1;
        return new Ruling("everyNth", number % every.Value == 0, SignalReason.NotNth, $"number {number} of the trading day, every {every} is traded");
    }

    /// <summary>The cap of contracts per trade: it never refuses.</summary>
    public static decimal Cap(Settings settings, decimal quantity) =>
        settings.Filters?.MaxContractsPerTrade is { } most && most > 0m && most < quantity ? most : quantity;

    public static Verdict CapVerdict(Settings settings, decimal quantity) => new("maxContracts", true, settings.Filters?.MaxContractsPerTrade switch
    {
        > 0m and var most when most < quantity => $"{Number(quantity)} capped to {Number(most)}",
        > 0m and var most => $"{Number(quantity)} within {Number(most)}",
        _ => "no cap",
    });

    private static Ruling Symbols(FilterSettings? filters, Contract contract)
    {
        var allowed = filters?.Symbols is { IsDefaultOrEmpty: false } named ? named : [];
        var passes = allowed.IsEmpty || allowed.Contains(contract.Instrument.Root, StringComparer.OrdinalIgnoreCase)
            || allowed.Contains(contract.Symbol, StringComparer.OrdinalIgnoreCase);
        return new Ruling(
            "symbols", passes, SignalReason.SymbolNotAllowed,
            allowed.IsEmpty ? "every symbol" : $"{contract.Symbol} with {string.Join(", ", allowed)} allowed");
    }

    private static Ruling Direction(DirectionFilter direction, Side side)
    {
        var passes = direction == DirectionFilter.Both || (direction == DirectionFilter.LongOnly) == (side == Side.Buy);
        return new Ruling("direction", passes, SignalReason.Direction, $"{side} with direction {direction}");
    }

    // An unreadable window is none to be inside of: it cannot be stored, but if it were, nothing would be traded.
    private static Ruling Window(FilterSettings? filters, DateTimeOffset now)
    {
        if (filters?.Windows is not { IsDefaultOrEmpty: false } windows)
        {
            return new Ruling("window", true, SignalReason.OutsideWindow, "all day");
        }

        var passes = windows.Any(window => TradingWindow.Parse(window, out _)?.Contains(now) == true);
        var named = string.Join(" or ", windows.Select(window => $"{window.Start} to {window.End} {window.TimeZone}"));
        return new Ruling("window", passes, SignalReason.OutsideWindow, $"{now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", Text)} UTC, entries from {named}");
    }

    private static Ruling Cooldown(FilterSettings? filters, FilteredEntry entry)
    {
        if (filters?.CooldownSeconds is not { } seconds || seconds <= 0)
        {
            return new Ruling("cooldown", true, SignalReason.Cooldown, "none");
        }

        var since = entry.ReceivedAt - entry.Tally.LastEntryAt;
        return new Ruling(
            "cooldown", since is null || since >= TimeSpan.FromSeconds(seconds), SignalReason.Cooldown,
            since is null ? $"{seconds} s, no entry before" : $"{since.Value.TotalSeconds.ToString("0.###", Text)} s after the last entry, {seconds} s asked");
    }

    private static Ruling Session(FilterSettings? filters, FilteredEntry entry)
    {
        if (filters?.MaxSignalsPerSession is not { } most || most <= 0)
        {
            return new Ruling("maxSignals", true, SignalReason.MaxSignals, "no limit");
        }

        var entries = entry.Tally.On(entry.TradingDate).Entries;
        return new Ruling("maxSignals", entries < most, SignalReason.MaxSignals, $"{entries} entries in the trading day {entry.TradingDate}, {most} allowed");
    }

    private static Ruling DailyLoss(FilterSettings? filters, FilteredEntry entry)
    {
        if (filters?.MaxDailyLoss is not { } limit || limit <= 0m)
        {
            return new Ruling("maxDailyLoss", true, SignalReason.MaxDailyLoss, "no limit");
        }

        var realized = entry.Tally.On(entry.TradingDate).Realized;
        return entry.Unrealized() is { } unrealized
            ? new Ruling(
                "maxDailyLoss", realized + unrealized > -limit, SignalReason.MaxDailyLoss,
                $"{Number(realized)} realized and {Number(unrealized)} unrealized today, a loss of {Number(limit)} stops")
            : new Ruling("maxDailyLoss", false, SignalReason.NoPrice, "what is open cannot be valued: no price is known for it");
    }

    /// <summary>When the next window ends that closes what is open; null when none does.</summary>
    public static DateTimeOffset? FlattenAt(Settings settings, DateTimeOffset now)
    {
        DateTimeOffset? first = null;
        foreach (var window in settings.Filters?.Windows is { IsDefault: false } windows ? windows : [])
        {
            if (TradingWindow.Parse(window, out _) is { FlattensAtEnd: true } readable && readable.NextEnd(now) is var end && !(end >= first))
            {
                first = end;
            }
        }

        return first;
    }

    internal static string Number(decimal value) => value.ToString("0.############", Text);
}
