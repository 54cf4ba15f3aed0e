using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Recorders;

/// <summary>A recorder as its events leave it.</summary>
/// <remarks>The signal log is not in here: it lives in read-model rows.</remarks>
/// <param name="SettingsVersion">Counts the changes of the recorder's own settings, from 1.</param>
/// <param name="Subscriptions">Removed ones stay, so that a fan-out is sent again to the same members.</param>
/// <param name="Held">The recorded (virtual) position by contract, signed: what the signals would hold had every one filled at once.</param>
/// <param name="HeldDetails">What else is known of each of <paramref name="Held"/>.</param>
/// <param name="Keys">Deduplication keys that still count, with the signal that brought them.</param>
/// <param name="HasForgottenKeys">A key that is not in the state may stand in the stored rows.</param>
/// <param name="FanOuts">Not known to be stored by every account.</param>
/// <param name="PreviousToken">The replaced webhook token while its grace lasts.</param>
/// <param name="Signing">Null while there is no secret.</param>
/// <param name="WatchedFrom">When the silence alarm was set; null while there is none.</param>
/// <param name="SilentSince">Set while the silence alarm is raised.</param>
public sealed record RecorderState(
    RecorderCreated? Created,
    string Name,
    string? Symbol,
    Settings Settings,
    int SettingsVersion,
    bool IsPaused,
    string WebhookTokenHash,
    ImmutableSortedDictionary<string, Subscription> Subscriptions,
    ImmutableSortedDictionary<string, decimal> Held,
    ImmutableSortedDictionary<string, SignalKey> Keys,
    bool HasForgottenKeys,
    ImmutableSortedDictionary<long, OpenFanOut> FanOuts,
    long LastSignal,
    long LastFanOut,
    DateTimeOffset? LastReceivedAt,
    long LiveSeq,
    ImmutableSortedDictionary<string, HeldDetail> HeldDetails,
    EntryTally Tally,
    ReplacedToken? PreviousToken,
    SigningSecrets? Signing,
    DateTimeOffset? WatchedFrom,
    DateTimeOffset? SilentSince)
{
    /// <summary>Keys kept in the state; older ones are found in the stored rows.</summary>
    public const int KeysKept = 256;

    public static readonly RecorderState Empty = new(
        null, "", null, Settings.None, 0, false, "",
        ImmutableSortedDictionary.Create<string, Subscription>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, decimal>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, SignalKey>(StringComparer.Ordinal),
        false, ImmutableSortedDictionary<long, OpenFanOut>.Empty, 0, 0, null, 0,
        ImmutableSortedDictionary.Create<string, HeldDetail>(StringComparer.Ordinal), EntryTally.None, null, null, null, null);

    /// <summary>From when the silence alarm counts.</summary>
    internal DateTimeOffset? QuietSince => LastReceivedAt > WatchedFrom ? LastReceivedAt : WatchedFrom;

    /// <summary>Whether a delivery that came by this webhook token is the recorder's.</summary>
    public bool Knows(string tokenHash, DateTimeOffset receivedAt) =>
        tokenHash == WebhookTokenHash || (tokenHash == PreviousToken?.Hash && receivedAt <= PreviousToken.Until);
}

public sealed record ReplacedToken(string Hash, DateTimeOffset Until);

/// <summary>What webhooks are signed with.</summary>
/// <param name="Previous">The replaced one while its grace lasts, and how long that is.</param>
public sealed record SigningSecrets(SealedSecret Current, SealedSecret? Previous, DateTimeOffset? PreviousUntil);

/// <param name="Id">Names it in public.</param>
/// <param name="Text">Sealed by the front door; the rules do not read it.</param>
public sealed record SealedSecret(string Id, string Text);

/// <param name="AveragePrice">Null where no price was known.</param>
/// <param name="FlattenAt">When a window ends that closes it; null for never.</param>
public sealed record HeldDetail(decimal? AveragePrice, DateTimeOffset? FlattenAt);

/// <param name="Until">Later than this an equal key is a new signal.</param>
/// <param name="State">How the first delivery was judged, and why.</param>
public sealed record SignalKey(string SignalId, long Number, DateTimeOffset Until, SignalState State, string? Reason);

/// <summary>One account's subscription.</summary>
/// <param name="Spans">The fan-out numbers in which it takes part, in order; only the last may be open.</param>
public sealed record Subscription(
    string Id, EntityId Account, decimal Multiplier, bool IsEnabled, Settings? Overrides, int Version, bool IsRemoved, ImmutableArray<FanOutSpan> Spans,
    DateTimeOffset CreatedAt)
{
    public bool TakesPartIn(long fanOut) => Spans.Any(span => span.Contains(fanOut));

    /// <summary>The fan-out before <paramref name="fanOut"/> in which it took part; 0 for none.</summary>
    public long Before(long fanOut)
    {
        for (var i = Spans.Length - 1; i >= 0; i--)
        {
            var last = Math.Min(fanOut - 1, (Spans[i].Until ?? long.MaxValue) - 1);
            if (last >= Spans[i].From)
            {
                return last;
            }
        }

        return 0;
    }
}

/// <param name="Until">Exclusive; null while it is open.</param>
public sealed record FanOutSpan(long From, long? Until)
{
    public bool Contains(long fanOut) => fanOut >= From && (Until is null || fanOut < Until);
}

/// <summary>A fan-out with everything that acceptance fixed, so that a resend says exactly the same.</summary>
public sealed record OpenFanOut(long Number, RecorderSignal Signal, ImmutableArray<FanOutMemberTerms> Members);

public sealed record FanOutMemberTerms(EntityId Account, long Previous, SubscriptionTerms Terms);
