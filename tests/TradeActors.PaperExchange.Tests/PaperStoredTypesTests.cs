using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

/// <summary>Golden files pin every stored shape: test-data/NAME.json, byte for byte.</summary>
public sealed class PaperStoredTypesTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 20, 15, 0, 0, 250, TimeSpan.Zero);
    private static readonly OrderTerms Terms = new(
        "ESZ2026", Side.Buy, OrdType.StopLimit, 2m, 5000.25m, 5000.00m, TimeInForce.Day);
    private static readonly PaperInstrument Instrument = new(0.25m, 50m, Margin: new PaperMargin(500m, 0.01m));
    private static readonly PaperFaults Faults = new(0.25, 0.5, 0.125, TimeSpan.FromMilliseconds(1500), 0.0625);
    private static readonly PaperMargins Margins = new(ImmutableSortedDictionary<string, PaperMargin>.Empty.Add("ES", new PaperMargin(500m, 0.01m)));
    private static readonly PaperSettings Settings = new(100000m, "USD", ulong.MaxValue, 1.25m, 0.0006m, 2, Faults: Faults, Margins: Margins,
        Latency: TimeSpan.FromMilliseconds(80), LatencyJitter: TimeSpan.FromMilliseconds(40));
    private static readonly Domain.Market.Quote Quote = new("ESZ2026", 5000m, 5000.25m, 5000.25m, 10m, null, 3m, At);
    private static readonly BrokerOrder Order = new("a-1", "P1", "ESZ2026", Side.Buy, 2m, OrdStatus.PartiallyFilled, 1m, 5000.25m);
    private static readonly BrokerReport Report = new(
        "2", "c1-2", ExecType.Trade, "a-1", "P1", "ESZ2026", Side.Buy, 1m, 5000.25m, 1.25m, null, null, At);

    private static readonly object[] Samples =
    [
        new PaperBookOpened("c1", Settings, At),
        new PaperOrderAccepted(1, 1, "a-1", Terms, Instrument, At.AddHours(6), 0, At, IsMarginDue: true, At.AddMilliseconds(80), Quote, At.AddSeconds(4)),
        new PaperOrderRejected(1, 1, "a-1", Terms, "Unknown symbol 'X'.", 0, At, At.AddSeconds(4)),
        new PaperOrderArrived(1, At),
        new PaperQuoteSeen(Quote, At),
        new PaperOrderTriggered(1, At),
        new PaperOrderFilled(2, 1, 1m, 5000.25m, 1.25m, Quote, At),
        new PaperOrderCanceled(4, 1, "Canceled on request.", At),
        new PaperOrderExpired(5, 1, At),
        new PaperFaultsSet(Faults, At),
        new PaperReportsSeen(64, At),
        new OpenPaperBook(Settings),
        new PaperBookReply("Other settings."),
        new PlacePaperOrder("a-1", Terms, Quote, 7, At.AddSeconds(4)),
        new PaperPlaceReply(AnswerMode.Late, TimeSpan.FromMilliseconds(1500), "P1", "No."),
        new CancelPaperOrder("a-1", "P1"),
        new PaperCancelReply(AnswerMode.Lost, "No."),
        new FindPaperOrder("a-1"),
        new PaperFindReply(true, Order),
        new GetPaperReports(7, 500, 5),
        new PaperReportsReply([Report], 2),
        new GetPaperSnapshot(),
        new PaperSnapshotReply(new BrokerSnapshot([Order], [new BrokerPosition("ESZ2026", 1m, 5000.25m)], 99998.75m), 2),
        new SetPaperFaults(Faults),
        new PaperFaultsReply("No."),
        State(),
    ];

    private static readonly StoredTypes Types = new StoredTypes().AddPaperExchange();

    public static TheoryData<string> Names => [.. Types.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stored_shape_is_as_its_golden_file_says(string name)
    {
        var sample = Assert.Single(Samples, sample => Types.NameOf(sample) == name);
        var path = Path.Combine(Folder(), $"{name}.json");
        var payload = Types.Encode(sample).Payload;
        if (Environment.GetEnvironmentVariable("ACCEPT_GOLDEN") == "1")
        {
            File.WriteAllBytes(path, payload);
        }

        Assert.True(File.Exists(path), $"test-data/{name}.json is missing. Run the tests with ACCEPT_GOLDEN=1 to write it, and commit it.");
        var golden = File.ReadAllBytes(path);
        Assert.True(
            payload.AsSpan().SequenceEqual(golden),
            $"""
            {name} is stored otherwise than test-data/{name}.json says. What was stored before must stay readable: give the new shape a new version and
            an upcast. If the name was never stored anywhere, run the tests with ACCEPT_GOLDEN=1 and commit the file.
            golden: {Encoding.UTF8.GetString(golden)}
            now:    {Encoding.UTF8.GetString(payload)}
            """);
        Assert.Equal(golden, Types.Encode(Types.Decode(name, golden)).Payload);
    }

    [Fact]
    public void No_golden_file_is_left_over() =>
        Assert.Equal(Types.Names, Directory.GetFiles(Folder(), "paper.*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Fact]
    public void Names_read_from_a_snapshot_are_compared_by_their_bytes()
    {
        var state = (PaperExchangeState)Types.Decode("paper.state.v1", Types.Encode(State()).Payload);
        Assert.Same(StringComparer.Ordinal, state.ByClOrdId.KeyComparer);
        Assert.Same(StringComparer.Ordinal, state.Positions.KeyComparer);
        Assert.Same(StringComparer.Ordinal, state.Touches.KeyComparer);
        Assert.Same(StringComparer.Ordinal, state.Requests.KeyComparer);
    }

    // A part-filled entry, a triggered one-cancels-other that has no quote to fill on, a finished order, a position, a part-used quote and unread reports.
    private static PaperExchangeState State()
    {
        var book = new Book(Settings with { Faults = null, SlippageTicks = 0, Latency = TimeSpan.Zero, LatencyJitter = TimeSpan.Zero });
        book.Place("a-1", Given.Limit(Side.Buy, 2m, 100m));
        book.Quote(99.75m, 100m, bidSize: 5m, askSize: 1m);
        book.Place("a-3", Given.OneCancelsOther(Side.Sell, 1m, 110m, 99m));
        book.Quote(98.75m, 101m, bidSize: 0m);
        book.Place("a-2", Given.Market(Side.Buy, 0m));
        return book.State;
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "test-data");
}
