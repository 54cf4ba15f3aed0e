namespace TradeActors.Ledger.World;

/// <summary>How large a world is, and how fast its clients are.</summary>
public sealed record WorldPlan
{
    /// <summary>The tenant's name, part of its owner's address. One per world of an installation.</summary>
    public string Tenant { get; init; } = "tests";

    /// <value>Accounts beyond the five that differ most, shared out over the recorders; 0.</value>
    public int MoreAccounts { get; init; }

    /// <value>2.</value>
    public int SendersPerRecorder { get; init; } = 2;

    /// <summary>Between an answer and the next signal of one sender, ms.</summary>
    public (int From, int To) SignalPause { get; init; } = (15, 160);

    /// <summary>Between two manual orders, ms.</summary>
    public (int From, int To) OrderPause { get; init; } = (100, 400);

    /// <value>120.</value>
    public int QuotePauseMs { get; init; } = 120;

    /// <summary>
    /// No entry is too old to be traded, also at the recorder that otherwise keeps the usual 30 s: where a fault lasts that long, what is late is no defect
    /// and would leave nothing to compare.
    /// </summary>
    public bool ToleratesAge { get; init; }
}
