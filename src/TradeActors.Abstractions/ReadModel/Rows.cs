using System.Collections.Immutable;

namespace TradeActors.Abstractions.ReadModel;

/// <summary>The tables that the API lists. All have one physical shape (docs/formats/journal.md), so that an engine only writes what projections emit.</summary>
public enum ReadTable
{
    /// <summary>Parent: empty. Id: account. Sort: creation time, Unix ms.</summary>
    Accounts,
    /// <summary>Parent: account. Id: order. Sort: <see cref="TimedSort"/> of its creation and the account's order number. State: API order state.</summary>
    Orders,
    /// <summary>Parent: account. Id: ExecID. Sort: <see cref="TimedSort"/> of the market's time and the account's fill number.</summary>
    Fills,
    /// <summary>Parent: empty. Id: recorder.</summary>
    Recorders,
    /// <summary>Parent: recorder. Id: subscription.</summary>
    Subscriptions,
    /// <summary>Parent: recorder. Id: signal. Sort: <see cref="TimedSort"/> of its receipt and number. State: API signal state.</summary>
    Signals,
    /// <summary>Parent: recorder. Id: signal. Written when every account has stored the signal.</summary>
    FanOuts,
    /// <summary>Parent: signal. Id: account/subscription. State: outcome. Written by the account.</summary>
    SignalOutcomes,
    /// <summary>Parent: recorder. Id: deduplication key. Outlives the entity's own memory of keys.</summary>
    SignalKeys,
    /// <summary>Parent: topic. Id: sequence. Sort: sequence. What a live client has missed.</summary>
    LiveEvents,
    /// <summary>Tenant and parent: empty. Id: SHA-256 of the token, hex. Where a webhook goes.</summary>
    WebhookTokens,
    /// <summary>Parent: entity key. Id: as the entity named it (a signal). Sort: Unix ms of storing. Kept for a limited time.</summary>
    Texts,
    /// <summary>Parent: connection. Id: ExecID. What a report is checked against when its order has left the connection's state.</summary>
    Executions,
    /// <summary>Tenant and parent: empty, for the operator alone. Id: entity/sequence. Messages that an entity failed on.</summary>
    Parked,
    /// <summary>Parent: paper exchange. Id: ClOrdID. Sort: order number. State: OrdStatus. Doc: BrokerOrder. Outlives the book's own memory of orders.</summary>
    PaperOrders,
    /// <summary>Parent: empty. Id: operation. Sort: time of starting, Unix ms. State: running or completed.</summary>
    Operations,
    /// <summary>Parent: operation. Id: tenant/account. Sort: place among the accounts, from 0. State: outcome. Written by the operation.</summary>
    OperationResults,
    /// <summary>Parent: empty. Id: as the front door named it. Sort: Unix ms. What was done by whom; kept for a limited time.</summary>
    Audit,
}

public readonly record struct RowKey(ReadTable Table, string Tenant, string Parent, string Id);

/// <param name="Sort">What lists are ordered by and cursors are made of.</param>
/// <param name="State">What lists filter by; empty where there is nothing to filter.</param>
/// <param name="Doc">UTF-8 JSON of the table's row record (<see cref="RowJson"/>).</param>
public sealed record Row(RowKey Key, long Sort, string State, byte[] Doc);

/// <summary>One change: put when <see cref="Put"/> is set, else drop.</summary>
public sealed record RowChange(RowKey Key, Row? Put);

/// <summary>A stretch of a list. Whatever it asks for is found along an index: no engine reads more rows than it answers, times the number of states.</summary>
/// <param name="After">Sort value to start behind (exclusive, in the list's direction); null for the beginning.</param>
/// <param name="States">Only these states; empty for all.</param>
public sealed record RowQuery(
    ReadTable Table, string Tenant, string Parent, int Limit, long? After = null, bool NewestFirst = false, ImmutableArray<string> States = default)
{
    /// <summary>The row of <see cref="After"/> to start behind, so that the others of its sort value are not left out. Null: behind all of that value.</summary>
    public string? AfterId { get; init; }

    /// <summary>The least sort value; null for no bound.</summary>
    public long? From { get; init; }

    /// <summary>Only sort values less than this; null for no bound.</summary>
    public long? Below { get; init; }
}

/// <summary>Reads what projections wrote. Sees everything that was committed before the call.</summary>
public interface IReadStore
{
    Task<IReadOnlyList<Row>> ListAsync(RowQuery query, CancellationToken ct);

    Task<Row?> GetAsync(RowKey key, CancellationToken ct);

    /// <summary>The keys of all rows of a table, ordered by tenant, parent and id: one moment's whole, where pages could miss what comes meanwhile.</summary>
    /// <param name="tenant">Null for every tenant: for the operator of the installation alone.</param>
    Task<IReadOnlyList<RowKey>> ListKeysAsync(ReadTable table, string? tenant, CancellationToken ct);

    /// <summary>Counts rows by state for each of the parents.</summary>
    Task<IReadOnlyList<StateCount>> CountAsync(ReadTable table, string tenant, ImmutableArray<string> parents, CancellationToken ct);
}

public sealed record StateCount(string Parent, string State, long Count);
