using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Tests.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>
/// One account under test. Every reaction's events are folded at once, and after each of them the sums are checked: positions are the sums of fills
/// and of shares, and no closing order was larger than the share known when it was planned.
/// </summary>
internal sealed class AccountRun
{
    public const string Es = "ESU2026";

    public static readonly EntityId Self = new("acme", EntityKind.Account, "acc1");
    public static readonly EntityId Connection = new("acme", EntityKind.Connection, "con1");

    private readonly Dictionary<string, decimal> _filled = [];
    private long _numbers;
    private int _executions;

    public AccountRun(AccountLimits? limits = null)
    {
        Tell(new OpenAccount(
            "Main", "USD", 50_000m, limits ?? AccountLimits.None, Connection, new BrokerSettings("paper", new PaperSettings(50_000m)),
            new BrokerTraits(true, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1))));
        Sent.Clear();
    }

    public AccountState State { get; private set; } = AccountState.Empty;

    public DateTimeOffset Now { get; set; } = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);

    public QuoteTable Quotes { get; } = new();

    public List<AccountEvent> Events { get; } = [];

    /// <summary>What was sent to the connection, oldest first.</summary>
    public List<object> Sent { get; } = [];

    public IEnumerable<string> Cancels => Sent.OfType<RequestCancel>().Select(cancel => cancel.ClOrdId);

    public AccountOrder[] Live => [.. State.LiveOrders.OrderBy(order => order.Number)];

    /// <summary>The newest order.</summary>
    public AccountOrder Last => State.Orders.Values.MaxBy(order => order.Number) ?? throw new InvalidOperationException("No order was planned.");

    public SignalTaken LastTaken => Events.OfType<SignalTaken>().Last();

    public SignalSettled? LastSettled => Events.OfType<SignalSettled>().LastOrDefault();

    public decimal Held(string owner = "s1", string symbol = Es) => State.Shares.GetValueOrDefault(Share.Key(owner, symbol))?.Quantity ?? 0m;

    public Share? ShareOf(string owner = "s1", string symbol = Es) => State.Shares.GetValueOrDefault(Share.Key(owner, symbol));

    public Reaction Tell(object message, EntityId? sender = null, bool isStoredOrder = false)
    {
        var reaction = Account.Decide(State, message, new AccountContext(Self, Now, "inc1", sender, Quotes), isStoredOrder);
        foreach (var @event in reaction.Events.Cast<AccountEvent>())
        {
            CheckExit(@event);
            State = Account.Apply(State, @event);
            Events.Add(@event);
            if (@event is TradeBooked booked)
            {
                _filled[booked.Symbol] = _filled.GetValueOrDefault(booked.Symbol) + (booked.LastQty * booked.Side.Sign);
            }

            CheckSums();
        }

        Sent.AddRange(reaction.Sends.Select(send => send.Message));
        CheckResident();
        return reaction;
    }

    /// <summary>The process dies; a new one folds what is stored.</summary>
    public void Crash()
    {
        State = Events.Aggregate(AccountState.Empty, Account.Apply);
        Tell(new Activated());
    }

    // Signals.

    public AccountRun Signal(
        SignalPlan plan, string? id = null, string subscription = "s1", decimal multiplier = 1m, Settings? settings = null, Settings? overrides = null,
        DateTimeOffset? receivedAt = null)
    {
        var number = ++_numbers;
        Tell(
            new FanOutPart(
                number, new RecorderSignal(id ?? $"sig-{number}", receivedAt ?? Now, plan, settings ?? Settings.None, receivedAt ?? Now),
                new SubscriptionTerms(subscription, multiplier, overrides)),
            RecorderOf(subscription));
        return this;
    }

    public static EntityId RecorderOf(string subscription) => new("acme", EntityKind.Recorder, $"recorder-of-{subscription}");

    /// <summary>A share of this size, entered and filled at 5000.</summary>
    public AccountRun Holding(decimal quantity, string subscription = "s1", string symbol = Es, decimal price = 5_000m)
    {
        Signal(Plans.Enter(quantity > 0m ? Side.Buy : Side.Sell, Math.Abs(quantity), symbol), subscription: subscription);
        Fill(price: price);
        Events.Clear();
        Sent.Clear();
        return this;
    }

    // What the connection tells.

    public AccountRun Update(OrderUpdateKind kind, AccountOrder? order = null, string? reason = null)
    {
        Tell(new OrderUpdate((order ?? Last).ClOrdId, kind, "b", null, 0m, 0m, 0m, reason, Now), Connection);
        return this;
    }

    public AccountRun Accept(AccountOrder? order = null) => Update(OrderUpdateKind.Accepted, order);

    public AccountRun Unknown(AccountOrder? order = null) => Update(OrderUpdateKind.Unknown, order);

    public AccountRun Canceled(AccountOrder? order = null) => Update(OrderUpdateKind.Canceled, order);

    public AccountRun Rejected(AccountOrder? order = null) => Update(OrderUpdateKind.Rejected, order, "Margin");

    /// <summary>A fill of everything that is left of the newest order, unless it says otherwise.</summary>
    public AccountRun Fill(decimal? quantity = null, AccountOrder? order = null, decimal price = 5_000m, decimal commission = 0m)
    {
        order ??= Last;
        return Trade(order.ClOrdId, order.Terms.Symbol, order.Terms.Side, quantity ?? order.Terms.OrderQty - order.CumQty, price, commission);
    }

    public AccountRun Trade(string clOrdId, string symbol, Side side, decimal quantity, decimal price = 5_000m, decimal commission = 0m)
    {
        Tell(new OrderUpdate(clOrdId, OrderUpdateKind.Trade, "b", $"e{++_executions}", quantity, price, commission, null, Now, symbol, side), Connection);
        return this;
    }

    public Reaction Place(string? clOrdId, Side side, decimal quantity, string symbol = Es, bool isStored = false) =>
        Tell(new PlaceManualOrder(clOrdId, new OrderTerms(symbol, side, OrdType.Market, quantity)), isStoredOrder: isStored);

    public AccountRun After(TimeSpan time)
    {
        Now += time;
        return this;
    }

    /// <summary>Lets every timer that is due by now fire.</summary>
    public AccountRun FireTimers()
    {
        foreach (var timer in Account.Pending(State).Timers.Where(timer => timer.Due <= Now))
        {
            Tell(new TimerFired(timer.Key));
        }

        return this;
    }

    private void CheckExit(AccountEvent @event)
    {
        if (@event is OrderPlanned { Purpose: not OrderPurpose.Entry } exit)
        {
            var known = Held(exit.Owner, exit.Terms.Symbol) * -exit.Terms.Side.Sign;
            var others = State.LiveOrdersOf(exit.Owner, exit.Terms.Symbol).Where(order => order.Terms.Side == exit.Terms.Side).Sum(order => order.LeavesQty);
            Assert.True(exit.Terms.OrderQty + others <= known, $"{exit.ClOrdId} closes {exit.Terms.OrderQty} (and {others} working) of {known}.");
        }
    }

    /// <summary>What protects and closes, and is not being withdrawn, never exceeds what is held. A person may sell beside a closing order of their own.</summary>
    private void CheckResident()
    {
        foreach (var group in State.LiveOrders.Where(order => order is { Purpose: not OrderPurpose.Entry, CancelAsked: false, Owner: not AccountState.Manual })
            .GroupBy(order => (order.Owner, order.Terms.Symbol, order.Terms.Side)))
        {
            var held = Math.Max(0m, Held(group.Key.Owner, group.Key.Symbol) * -group.Key.Side.Sign);
            Assert.True(group.Sum(order => order.LeavesQty) <= held, $"{group.Key} would close {group.Sum(order => order.LeavesQty)} of {held}.");
        }
    }

    private void CheckSums()
    {
        var symbols = _filled.Keys.Union(State.Positions.Keys).Union(State.Shares.Values.Select(share => share.Symbol));
        foreach (var symbol in symbols)
        {
            Assert.Equal(_filled.GetValueOrDefault(symbol), State.Net(symbol));
            Assert.Equal(State.Net(symbol), State.Shares.Values.Where(share => share.Symbol == symbol).Sum(share => share.Quantity));
        }
    }
}

/// <summary>Plans as a recorder makes them.</summary>
internal static class Plans
{
    public static SignalPlan Enter(Side side, decimal? quantity = null, string symbol = AccountRun.Es) =>
        new(symbol, null, null, Reduction.None, EnterSide: side, EnterQuantity: quantity);

    public static SignalPlan Add(Side side, decimal? quantity = null) => Enter(side, quantity) with { IsAdd = true };

    public static SignalPlan Close(string symbol = AccountRun.Es) => new(symbol, null, null, Reduction.All);

    public static SignalPlan CloseSome(decimal quantity) => new(AccountRun.Es, null, null, Reduction.Quantity, quantity);

    public static SignalPlan Flip(Side side, decimal? quantity = null) => Enter(side, quantity) with { Reduce = Reduction.All };

    public static SignalPlan Target(decimal target) => new(AccountRun.Es, null, null, Reduction.None, Target: target);
}
