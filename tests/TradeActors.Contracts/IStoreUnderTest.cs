using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;

namespace TradeActors.Contracts;

/// <summary>An opened storage engine with the two failures that every engine must survive. Disposing it is a shutdown; the data stays.</summary>
public interface IStoreUnderTest : IAsyncDisposable
{
    Installation Installation { get; }
    IJournal Journal { get; }
    IReadStore Reads { get; }
    ILiveStore Live { get; }
    IQuoteStore Quotes { get; }
    ICandleStore Candles { get; }
    IEquityStore Equity { get; }
    IUserStore Users { get; }
    IApiKeyStore ApiKeys { get; }
    IAuditLog Audit { get; }
    IKeyRingStore KeyRing { get; }

    /// <summary>The next transaction fails before its commit: nothing of it is stored.</summary>
    void FailNextTransaction();

    /// <summary>The next transaction is committed, but whoever waits for it is not told.</summary>
    void LoseNextAnswer();

    /// <summary>The next transaction waits right before its commit until the returned handle is disposed, so that calls pile up behind it.</summary>
    IDisposable HoldNextTransaction();
}
