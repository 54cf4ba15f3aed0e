using System.Text;
using System.Text.Json.Nodes;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using TradeActors.Ledger.Stores;

namespace TradeActors.Ledger.World;

/// <summary>What must hold once nothing is on its way any more: first as REST shows it, then as the database holds it.</summary>
/// <param name="open">Opens the database that the nodes write.</param>
public sealed class LedgerChecks(TradingWorld world, Func<StoreReader> open)
{
    private const string Received = "received";

    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PageDeadline = TimeSpan.FromSeconds(60);

    private readonly List<string> _faults = [];
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<JsonNode>> _orders = [];
    private readonly Dictionary<string, List<JsonNode>> _fills = [];
    private readonly Dictionary<string, string> _roots = [];

    public string Summary => string.Join('\n', _counts.Select(count => $"{count.Key}: {count.Value}"));

    /// <summary>
    /// Waits until every fan-out is complete and nothing works any more. What is allowed to stay: orders that were lost at a broker that does not
    /// refuse duplicates, and with them all that waits behind them on that account.
    /// </summary>
    /// <param name="nodes">What the nodes themselves have still to do; null when that is nothing.</param>
    public Task SettleAsync(Func<Task<string?>>? nodes = null) => Until.ReachedAsync("everything settled", SettleDeadline, async () =>
    {
        try
        {
            await CancelRestingAsync();
            var outstanding = await OutstandingAsync();
            if (nodes is not null && await nodes() is { } more)
            {
                outstanding.Add(more);
            }

            return outstanding.Count == 0 ? null : string.Join("; ", outstanding);
        }
        catch (Exception error) when (TradingWorld.IsOutage(error))
        {
            return error.Message;
        }
    }, TimeSpan.FromMilliseconds(500));

    public async Task CheckAsync()
    {
        foreach (var instrument in await world.Api.ListAsync("/api/v1/market/instruments"))
        {
            _roots[instrument.Text("front")] = instrument.Text("symbol");
        }

        foreach (var account in world.Accounts)
        {
            _orders[account.Id] = await world.Api.ListAsync($"/api/v1/accounts/{account.Id}/orders?state=all");
            _fills[account.Id] = await world.Api.ListAsync($"/api/v1/accounts/{account.Id}/fills");
            Count("orders", _orders[account.Id].Count);
            Count("fills", _fills[account.Id].Count);
            await CheckAccountAsync(account);
        }

        foreach (var recorder in world.Recorders)
        {
            await CheckRecorderAsync(recorder);
        }

        CheckManualOrders();
        await CheckSeenEventsAsync();
        await CheckPageAsync();
        Throw();
    }

    /// <summary>What the database holds. The market has been stopped, and so the node if it is the only one.</summary>
    public void CheckStore()
    {
        using var store = open();
        Check(store.Number("SELECT count(*) FROM rows_parked") == 0, () => "messages are parked");
        Check(
            store.Number("SELECT count(*) FROM (SELECT entity FROM events GROUP BY entity HAVING count(*) <> max(seq) OR min(seq) <> 1) AS gaps") == 0,
            () => "a stream has a gap");
        Check(
            store.Number(
                "SELECT count(*) FROM (SELECT parent FROM rows_live_events GROUP BY tenant, parent HAVING count(*) <> max(sort) OR min(sort) <> 1) AS gaps") == 0,
            () => "a live topic has a gap");
        Count("events", (int)store.Number("SELECT count(*) FROM events"));
        foreach (var account in world.Accounts)
        {
            CheckExchange(store, account);
        }

        Throw();
    }

    /// <summary>What protects a position stays as long as the position does.</summary>
    private static bool IsResting(JsonNode order) => order.Text("purpose") == "protection" && order.Text("state") is "working" or "partiallyFilled";

    private async Task CancelRestingAsync()
    {
        foreach (var order in world.ManualOrders.Where(order => !order.IsMarket))
        {
            var shown = await world.Api.GetAsync($"/api/v1/accounts/{order.AccountId}/orders/{order.ClOrdId}");
            if (shown.Text("state") is "working" or "partiallyFilled")
            {
                using var reply = await world.Api.DeleteAsync($"/api/v1/accounts/{order.AccountId}/orders/{order.ClOrdId}");
            }
        }
    }

    private async Task<List<string>> OutstandingAsync()
    {
        using var store = open();
        var found = new List<string>();
        var fanOuts = store.Number(
            "SELECT (SELECT count(*) FROM rows_signals WHERE tenant = @t AND state = 'accepted') - (SELECT count(*) FROM rows_fan_outs WHERE tenant = @t)",
            ("@t", world.Tenant));
        if (fanOuts != 0)
        {
            found.Add($"{fanOuts} fan-outs");
        }

        if (store.Number("SELECT count(*) FROM inbox") is > 0 and var received)
        {
            found.Add($"{received} signals that are not judged yet");
        }

        foreach (var account in world.Accounts)
        {
            var working = await world.Api.ListAsync($"/api/v1/accounts/{account.Id}/orders?state=working");
            var abandoned = account.Refuses ? [] : Abandoned(store, account);
            var unsettled = working.Where(order => !abandoned.Contains(order.Text("clOrdId")) && !IsResting(order)).ToArray();
            if (unsettled.Length > 0)
            {
                found.Add($"{account.Name}: {unsettled.Length} orders, such as {unsettled[0].ToJsonString()}");
            }

            var outcomes = account.Refuses
                ? store.Number(
                    "SELECT count(*) FROM rows_signal_outcomes WHERE tenant = @t AND state = 'ordered' AND id LIKE @a",
                    ("@t", world.Tenant), ("@a", $"{account.Id}/%"))
                : 0;
            if (outcomes > 0)
            {
                found.Add($"{account.Name}: {outcomes} signals with something outstanding");
            }
        }

        return found;
    }

    private HashSet<string> Abandoned(StoreReader store, WorldAccount account)
    {
        var connection = $"{world.Tenant}/connection/{account.Id}";
        var abandoned = store.Events(connection, "connection.intent-abandoned.v1").Select(stored => stored.Payload.Text("clOrdId")).ToHashSet(StringComparer.Ordinal);
        foreach (var found in store.Events(connection, "connection.order-acknowledged.v1"))
        {
            abandoned.Remove(found.Payload.Text("clOrdId"));
        }

        return abandoned;
    }

    private async Task CheckAccountAsync(WorldAccount account)
    {
        var (orders, fills) = (_orders[account.Id], _fills[account.Id]);
        Check(orders.Select(order => order.Text("clOrdId")).Distinct().Count() == orders.Count, () => $"{account.Name}: an order is listed twice");
        Check(fills.Select(fill => fill.Text("id")).Distinct().Count() == fills.Count, () => $"{account.Name}: an ExecID is listed twice");
        var filledBy = fills.ToLookup(fill => fill.Text("orderId"));
        foreach (var order in orders)
        {
            var sum = filledBy[order.Text("clOrdId")].Sum(fill => Amount(fill, "quantity"));
            Check(sum == Amount(order, "filled"), () => $"{account.Name}: fills add up to {sum}, the order says {order.ToJsonString()}");
            Check(sum <= Amount(order, "quantity"), () => $"{account.Name}: more filled than ordered, {order.ToJsonString()}");
            Check(
                order.Text("state") is "filled" == (sum == Amount(order, "quantity")), () => $"{account.Name}: the state does not fit the fills, {order.ToJsonString()}");
        }

        var known = orders.Select(order => order.Text("clOrdId")).ToHashSet(StringComparer.Ordinal);
        Check(fills.All(fill => known.Contains(fill.Text("orderId"))), () => $"{account.Name}: a fill belongs to no order");

        var shown = await world.Api.GetAsync($"/api/v1/accounts/{account.Id}");
        var positions = fills.GroupBy(fill => fill.Text("symbol")).Select(group => (Symbol: group.Key, Quantity: group.Sum(Signed))).Where(position => position.Quantity != 0m)
            .OrderBy(position => position.Symbol, StringComparer.Ordinal).ToArray();
        var shownPositions = shown["positions"]!.AsArray().Select(position => (Symbol: position!.Text("symbol"), Quantity: Amount(position!, "quantity")))
            .OrderBy(position => position.Symbol, StringComparer.Ordinal).ToArray();
        Check(
            positions.SequenceEqual(shownPositions),
            () => $"{account.Name}: fills give {string.Join(", ", positions)}, the account shows {string.Join(", ", shownPositions)}");

        var balance = account.StartingBalance + fills.Sum(fill => Amount(fill, "realized") - Amount(fill, "commission"));
        // The account adds profits one by one, this test all at once: they may differ in the last of 28 digits.
        Check(Math.Abs(Amount(shown, "balance") - balance) < 0.000_000_001m, () => $"{account.Name}: balance {Amount(shown, "balance")}, but the fills give {balance}");
    }

    private async Task CheckRecorderAsync(WorldRecorder recorder)
    {
        var log = await world.Api.ListAsync($"/api/v1/recorders/{recorder.Id}/signals");
        log.Sort((left, right) => ((long)left["number"]!).CompareTo((long)right["number"]!)); // It is listed by time of receipt.
        for (var i = 0; i < log.Count; i++)
        {
            Check((long)log[i]["number"]! == i + 1, () => $"signal numbers have a gap at {i + 1}: {log[i].Text("id")}");
        }

        var byText = log.ToLookup(signal => signal.Text("raw"));
        var sent = world.Ledger.Where(entry => entry.Recorder == recorder).ToDictionary(entry => entry.Signal.Text, StringComparer.Ordinal);
        foreach (var entry in sent.Values)
        {
            CheckAcknowledgement(entry, [.. byText[entry.Signal.Text]]);
        }

        Check(log.All(signal => sent.ContainsKey(signal.Text("raw"))), () => "the log holds a signal that nobody sent");
        await CheckPositionAsync(recorder, log, sent);
        await CheckOutcomesAsync(recorder, log);
    }

    /// <summary>Once and only once in the log, as it was acknowledged; every other delivery of it is a duplicate.</summary>
    private void CheckAcknowledgement(Acknowledged entry, JsonNode[] logged)
    {
        Count("signals acknowledged");
        var first = logged.Where(signal => signal.Text("state") != "duplicate").ToArray();
        Check(first.Length == 1, () => $"{entry.Signal.Text} was acknowledged as {entry.State} and is judged {first.Length} times in the log");
        Check(logged.Length <= entry.Attempts, () => $"{entry.Signal.Text} was sent {entry.Attempts} times and is {logged.Length} times in the log");
        var answered = logged.SingleOrDefault(signal => signal.Text("id") == entry.SignalId);
        Check(
            answered is not null && IsAsAnswered(entry, answered),
            () => $"{entry.Signal.Text} was answered {entry.SignalId} {entry.State} {entry.Reason}; the log says {answered?.ToJsonString() ?? "nothing"}");
        Count("signals answered before they were judged", entry.State == Received ? 1 : 0);
        Count($"signals {first.FirstOrDefault()?.Text("state")}");
        if (logged.Length > 1)
        {
            Count("signals that were repeated over a kill");
        }
    }

    /// <summary>A signal that was only received may have got any verdict since; whether it is the right one, the replay says.</summary>
    private static bool IsAsAnswered(Acknowledged entry, JsonNode logged) => entry.State == Received
        ? logged.Text("state") != Received
        : AnswerState(logged.Text("state")) == entry.State && (string?)logged["reason"] == entry.Reason;

    private static string AnswerState(string logged) => logged == "expired" ? "rejected" : logged;

    /// <summary>Every verdict is the one that the contract gives on the position after the signals before it, and so is the position at the end.</summary>
    private async Task CheckPositionAsync(WorldRecorder recorder, List<JsonNode> log, Dictionary<string, Acknowledged> sent)
    {
        var replay = new RecorderReplay(recorder.Initial, recorder.Add);
        foreach (var signal in log.Where(signal => signal.Text("state") is "accepted" or "rejected"))
        {
            var expected = replay.Take(sent[signal.Text("raw")].Signal);
            Check(
                expected == (string?)signal["reason"],
                () => $"signal {signal["number"]} {signal.Text("raw")} should have been {expected ?? "accepted"}, the log says {signal.Text("state")} {signal["reason"]}");
        }

        var shown = (await world.Api.GetAsync($"/api/v1/recorders/{recorder.Id}"))["held"]!.AsArray()
            .Select(held => (Root: _roots[held!.Text("symbol")], Quantity: Amount(held!, "quantity"))).OrderBy(held => held.Root, StringComparer.Ordinal).ToArray();
        var held = replay.Held.Where(position => position.Value != 0m).Select(position => (Root: position.Key, Quantity: position.Value)).ToArray();
        Check(held.SequenceEqual(shown), () => $"the signals give {string.Join(", ", held)}, the recorder shows {string.Join(", ", shown)}");
        CheckShares(recorder, replay);
        CheckProtection(recorder);
    }

    /// <summary>Where positions are guarded, exactly what is held rests to close it; elsewhere nothing does.</summary>
    private void CheckProtection(WorldRecorder recorder)
    {
        foreach (var (accountId, (subscription, _)) in recorder.Members)
        {
            var own = _orders[accountId].Where(order => (string?)order["subscriptionId"] == subscription).ToArray();
            var ids = own.Select(order => order.Text("clOrdId")).ToHashSet(StringComparer.Ordinal);
            var held = _fills[accountId].Where(fill => ids.Contains(fill.Text("orderId"))).Sum(Signed);
            var resting = own.Where(IsResting).ToArray();
            var leaves = resting.Sum(order => Amount(order, "quantity") - Amount(order, "filled"));
            Check(
                leaves == (recorder.IsGuarded ? Math.Abs(held) : 0m) && resting.All(order => order.Text("side") == (held > 0m ? "sell" : "buy")),
                () => $"{accountId}: {held} is held by {subscription}, and {leaves} rests to close it: {string.Join(", ", resting.Select(order => order.ToJsonString()))}");
            Count("protected positions compared", recorder.IsGuarded ? 1 : 0);
        }
    }

    /// <summary>Where nothing was refused, expired or done by hand, an account's share is the recorder's position times the multiplier.</summary>
    private void CheckShares(WorldRecorder recorder, RecorderReplay replay)
    {
        using var store = open();
        var signals = store.Rows("rows_signals", world.Tenant).Where(row => row.Parent == recorder.Id).Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
        var outcomes = store.Rows("rows_signal_outcomes", world.Tenant).Where(row => signals.Contains(row.Parent)).ToLookup(row => row.Doc.Text("accountId"));
        foreach (var account in world.Accounts.Where(account => recorder.Members.ContainsKey(account.Id)))
        {
            // Nothing is missing where an entry was replaced by a later signal, or a closing order was refused: the goal behind that one stands.
            var entries = store.Rows("rows_orders", world.Tenant).Where(row => row.Parent == account.Id && row.Doc.Text("purpose") == "entry")
                .ToDictionary(row => row.Id, row => row.State, StringComparer.Ordinal);
            var deviations = outcomes[account.Id].Where(row => row.State is "expired" or "ordered" or "pending"
                || (row.State == "failed" && row.Doc["orders"]!.AsArray().Any(id => entries.GetValueOrDefault((string)id!) == "rejected"))
                || (string?)row.Doc["reason"] is not (null or "NothingToClose" or "Canceled" or "OrderRejected")).ToArray();
            if (account.IsManual || deviations.Length > 0)
            {
                Count("shares not compared (by hand, refused or expired)", recorder.Roots.Length);
                continue;
            }

            var (subscription, multiplier) = recorder.Members[account.Id];
            var own = _orders[account.Id].Where(order => (string?)order["subscriptionId"] == subscription).Select(order => order.Text("clOrdId")).ToHashSet(StringComparer.Ordinal);
            foreach (var (root, _) in recorder.Roots)
            {
                var share = _fills[account.Id].Where(fill => own.Contains(fill.Text("orderId")) && _roots[fill.Text("symbol")] == root).Sum(Signed);
                Check(
                    share == multiplier * replay.Of(root),
                    () => $"{account.Name}: its share in {root} is {share}, the recorder holds {replay.Of(root)} and the multiplier is {multiplier}");
                Count("shares compared");
            }
        }
    }

    private async Task CheckOutcomesAsync(WorldRecorder recorder, List<JsonNode> log)
    {
        var orders = recorder.Members.Keys.ToDictionary(
            account => account, account => _orders[account].Where(order => (string?)order["recorderId"] == recorder.Id && order["signalId"] is not null
                && order.Text("purpose") != "protection")
                .GroupBy(order => order.Text("signalId")).ToDictionary(group => group.Key, group => group.Select(order => order.Text("id")).Order(StringComparer.Ordinal).ToArray()));
        foreach (var signal in log)
        {
            if (signal.Text("state") != "accepted")
            {
                Check(orders.Values.All(known => !known.ContainsKey(signal.Text("id"))), () => $"orders exist for {signal.ToJsonString()}");
                continue;
            }

            var detail = await world.Api.GetAsync($"/api/v1/recorders/{recorder.Id}/signals/{signal.Text("id")}");
            var outcomes = detail["accounts"]!.AsArray();
            Check(
                outcomes.Select(outcome => outcome!.Text("accountId")).Order(StringComparer.Ordinal).SequenceEqual(recorder.Members.Keys.Order(StringComparer.Ordinal)),
                () => $"not one outcome per account: {detail.ToJsonString()}");
            Check(signal["fanOut"]!["completedAt"] is not null, () => $"a fan-out is not complete: {signal.ToJsonString()}");
            foreach (var outcome in outcomes.Select(outcome => outcome!))
            {
                Count($"outcomes {outcome.Text("outcome")} {(string?)outcome["reason"]}");
                var listed = outcome["orders"]!.AsArray().Select(id => (string)id!).Order(StringComparer.Ordinal).ToArray();
                var existing = orders[outcome.Text("accountId")].GetValueOrDefault(signal.Text("id")) ?? [];
                Check(
                    listed.SequenceEqual(existing),
                    () => $"signal {signal.Text("id")} on {outcome.Text("accountId")}: the outcome names [{string.Join(' ', listed)}], the account has [{string.Join(' ', existing)}]");
            }
        }
    }

    private void CheckManualOrders()
    {
        foreach (var group in world.ManualOrders.GroupBy(order => order.AccountId))
        {
            var orders = _orders[group.Key].Where(order => order.Text("clOrdId").StartsWith("by-hand-", StringComparison.Ordinal)).ToArray();
            Check(
                orders.Select(order => order.Text("clOrdId")).Order(StringComparer.Ordinal).SequenceEqual(group.Select(order => order.ClOrdId).Order(StringComparer.Ordinal)),
                () => $"{group.Count()} manual orders were taken, {orders.Length} exist");
            var byId = orders.ToDictionary(order => order.Text("clOrdId"), StringComparer.Ordinal);
            foreach (var sent in group)
            {
                var order = byId[sent.ClOrdId];
                Check(
                    order.Text("side") == sent.Side && Amount(order, "quantity") == sent.Quantity && _roots[order.Text("symbol")] == sent.Root,
                    () => $"the manual order {sent} is shown as {order.ToJsonString()}");
                Count($"manual orders {order.Text("state")}");
            }
        }
    }

    /// <summary>Nothing that a screen was shown before a kill has changed since.</summary>
    private async Task CheckSeenEventsAsync()
    {
        var now = (await world.Api.ListAsync($"/api/v1/accounts/{world.Accounts[0].Id}/events")).ToDictionary(item => (long)item["seq"]!, item => item.ToJsonString());
        foreach (var (seq, seen) in world.SeenEvents)
        {
            Check(now.GetValueOrDefault(seq) == seen, () => $"event {seq} was shown as {seen} and is now {now.GetValueOrDefault(seq)}");
        }

        Check(world.SeenEvents.IsEmpty || world.SeenEvents.Keys.Max() == world.SeenEvents.Count, () => "the events as read between the kills have a gap");
        Count("events read between the kills", world.SeenEvents.Count);
    }

    /// <summary>The live page saw every event of its topics since its first snapshot once, in order, and as they are stored.</summary>
    private async Task CheckPageAsync()
    {
        if (world.Page is not { } page)
        {
            return;
        }

        foreach (var account in world.Accounts.Take(page.Accounts.Count))
        {
            var topic = $"account:{account.Id}";
            var stored = (await world.Api.ListAsync($"/api/v1/accounts/{account.Id}/events")).ToDictionary(item => (long)item["seq"]!);
            await Until.ReachedAsync($"the page to show {topic} up to {stored.Count}", PageDeadline, () =>
                Task.FromResult(page.Last(topic) >= stored.Count ? null : $"it is at {page.Last(topic)}"));
            foreach (var ((_, seq), shown) in page.Seen.Where(item => item.Key.Topic == topic))
            {
                var row = stored.GetValueOrDefault(seq);
                Check(
                    row is not null && row.Text("type") == shown.Text("type") && JsonNode.DeepEquals(row["data"], shown["data"]),
                    () => $"{topic}: event {seq} was pushed as {shown.ToJsonString()} and is stored as {row?.ToJsonString()}");
                Count("events pushed to the page");
            }
        }

        _faults.AddRange(page.Faults);
        Count("lines of the page", page.Connections);
    }

    /// <summary>The exchange took every order at most once, and each of its fills stands in the account exactly once.</summary>
    private void CheckExchange(StoreReader store, WorldAccount account)
    {
        var exchange = $"{world.Tenant}/paper/{account.Id}";
        var names = new Dictionary<long, string>();
        foreach (var accepted in store.Events(exchange, "paper.order-accepted.v1"))
        {
            names.Add((long)accepted.Payload["order"]!, accepted.Payload.Text("clOrdId"));
        }

        Check(names.Values.Distinct(StringComparer.Ordinal).Count() == names.Count, () => $"{account.Name}: the exchange took a ClOrdID twice");
        var known = _orders[account.Id].Select(order => order.Text("clOrdId")).ToHashSet(StringComparer.Ordinal);
        Check(names.Values.All(known.Contains), () => $"{account.Name}: the exchange has an order that the account does not know");
        var traded = store.Events(exchange, "paper.order-filled.v1").Select(stored => (
            Id: $"{account.Id}-{stored.Payload["report"]}", Order: names[(long)stored.Payload["order"]!], Quantity: Amount(stored.Payload, "lastQty"),
            Price: Amount(stored.Payload, "lastPx"), Commission: Amount(stored.Payload, "commission"))).OrderBy(fill => fill.Id, StringComparer.Ordinal).ToArray();
        var booked = _fills[account.Id].Select(fill => (
            Id: fill.Text("id"), Order: fill.Text("orderId"), Quantity: Amount(fill, "quantity"), Price: Amount(fill, "price"),
            Commission: Amount(fill, "commission"))).OrderBy(fill => fill.Id, StringComparer.Ordinal).ToArray();
        Check(
            traded.SequenceEqual(booked),
            () => $"{account.Name}: the exchange made {traded.Length} fills, the account has {booked.Length}; only there: {string.Join(", ", traded.Except(booked).Take(5))}; only here: {string.Join(", ", booked.Except(traded).Take(5))}");
        Count("orders at the exchanges", names.Count);
        Count("orders lost at the broker that takes duplicates", account.Refuses ? 0 : Abandoned(store, account).Count);
    }

    private static decimal Signed(JsonNode fill) => fill.Text("side") == "buy" ? Amount(fill, "quantity") : -Amount(fill, "quantity");

    private static decimal Amount(JsonNode node, string name) => node[name]?.GetValue<decimal>() ?? 0m;

    private void Count(string what, int by = 1) => _counts[what] = _counts.GetValueOrDefault(what) + by;

    private void Check(bool holds, Func<string> fault)
    {
        if (!holds)
        {
            _faults.Add(fault());
        }
    }

    private void Throw()
    {
        if (_faults.Count > 0)
        {
            var text = new StringBuilder($"{_faults.Count} faults:\n");
            _faults.Take(20).ToList().ForEach(fault => text.Append("- ").Append(fault).Append('\n'));
            throw new LedgerDifferenceException(text.Append(Summary).ToString());
        }
    }
}

/// <summary>What a client was told and what is stored differ, or a promise is broken in what is stored.</summary>
public sealed class LedgerDifferenceException(string message) : Exception(message);
