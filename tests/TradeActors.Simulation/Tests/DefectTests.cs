using TradeActors.Simulation.Engine;
using Xunit;

namespace TradeActors.Simulation.Tests;

/// <summary>Proof that the simulation can fail: each deliberate defect is caught within the stated number of seeds, by the promise it breaks.</summary>
public sealed class DefectTests
{
    [Theory]
    [InlineData(nameof(Defect.EffectBeforeCommit), "NoOrderWithoutIntent", 1, 5)]
    [InlineData(nameof(Defect.ReplyBeforeCommit), "RepliesRestOnCommitted", 1, 5)]
    [InlineData(nameof(Defect.AckBeforeCommit), "FanOutReachesAll", 1, 5)]
    [InlineData(nameof(Defect.BlindResend), "NoBlindResend", 1, 10)]
    [InlineData(nameof(Defect.RecoveredIntentSent), "NoBlindResend NoLateSend OneOrderPerPlan", 1, 10)]
    [InlineData(nameof(Defect.FenceIgnored), "OneWriter", 1, 40)]
    [InlineData(nameof(Defect.WakesNotLoaded), "Liveness", 1, 20)]
    [InlineData(nameof(Defect.MarksForgotten), "HandledOnce HandledInOrder FanOutOnceInOrder Liveness", 1, 10)]
    [InlineData(nameof(Defect.HoleInBatch), "AllOrNothing", 13, 40)]
    [InlineData(nameof(Defect.NeverRepeated), "Liveness", 1, 10)]
    [InlineData(nameof(Defect.DeadlineIgnored), "NoLateSend", 1, 20)]
    [InlineData(nameof(Defect.CloseBesideResident), "CloseNeverOpens", 1, 5)]
    [InlineData(nameof(Defect.CloseIsOneOrder), "GoalsStand", 1, 5)]
    [InlineData(nameof(Defect.ExitOpens), "CloseNeverOpens", 1, 5)]
    [InlineData(nameof(Defect.ReplyFromSpeculativeState), "RepliesRestOnCommitted", 1, 10)]
    [InlineData(nameof(Defect.RefusalNotHeldBack), "RepliesRestOnCommitted", 1, 5)]
    [InlineData(nameof(Defect.TimerLostOnRecovery), "WorkIsNoted", 25, 20)]
    [InlineData(nameof(Defect.PassivationDropsEffect), "Liveness WorkIsNoted", 1, 10)]
    [InlineData(nameof(Defect.WakeRowRemovedEarly), "WorkIsNoted", 1, 5)]
    [InlineData(nameof(Defect.ResendWithTodaysSettings), "AcceptanceFixesMeaning RepeatsSayTheSame", 1, 10)]
    [InlineData(nameof(Defect.RefusedSignalTakesNumber), "FanOutFixed", 1, 5)]
    [InlineData(nameof(Defect.JoinedSubscriptionTradesOldSignals), "AcceptanceFixesMeaning", 1, 20)]
    [InlineData(nameof(Defect.ParkedNumberBlocksLane), "Liveness", 1, 10)]
    [InlineData(nameof(Defect.ReceiverPrunesByTime), "HandledOnce HandledInOrder FanOutOnceInOrder", 1, 5)]
    [InlineData(nameof(Defect.KeysForgottenWithoutLookup), "NothingTwice FillsBookedOnce", 13, 60)]
    [InlineData(nameof(Defect.ClOrdIdUsedAgain), "NothingTwice", 1, 5)]
    [InlineData(nameof(Defect.OneConflictFailsTheBatch), "RefusedForAReason", 13, 40)]
    [InlineData(nameof(Defect.EventsKeptAfterFailedCommit), "HandledInOrder SendsGapless SignalsGapless FanOutOnceInOrder LiveGapless", 1, 15)]
    [InlineData(nameof(Defect.HaltConfirmedEarly), "OperationsAreTrue", 1, 5)]
    [InlineData(nameof(Defect.OperationForgetsMembers), "WorkIsNoted Liveness", 31, 30)]
    [InlineData(nameof(Defect.IntentStoredAfterHalt), "HaltIsFinal", 1, 30)]
    [InlineData(nameof(Defect.IntentStoredLate), "LateIsNotTraded", 11, 20)]
    [InlineData(nameof(Defect.SnapshotOutsideFence), "SnapshotsAreHistory", 1, 5)]
    [InlineData(nameof(Defect.SnapshotOfOtherSchemaRead), "LiveGapless", 1, 20)]
    [InlineData(nameof(Defect.LateEntryTraded), "LateIsNotTraded", 1, 10)]
    [InlineData(nameof(Defect.LateReverseTradedWhole), "LateIsNotTraded", 1, 80)]
    [InlineData(nameof(Defect.ExitClosesForeignShare), "SharesAreApart", 1, 5)]
    [InlineData(nameof(Defect.AddOpensFlatShare), "AdditionsNeedAShare", 1, 10)]
    [InlineData(nameof(Defect.TimeRunsBackwards), "TimeRunsForward", 1, 20)]
    [InlineData(nameof(Defect.LimitOnStaleState), "LimitsHold", 1, 20)]
    [InlineData(nameof(Defect.UnknownNotCounted), "LimitsHold", 1, 20)]
    [InlineData(nameof(Defect.LossForgotten), "LossLimitHolds", 1, 40)]
    [InlineData(nameof(Defect.EntryForgotten), "SignalsReachAll", 1, 10)]
    [InlineData(nameof(Defect.TenantsMixed), "TenantsAreWalls", 11, 20)]
    [InlineData(nameof(Defect.IdleShardNeverClaimed), "Liveness", 1, 40)]
    [InlineData(nameof(Defect.InboxOvertaken), "InboxNotOvertaken", 1, 40)]
    [InlineData(nameof(Defect.InboxNotClaimed), "Liveness InboxNotOvertaken", 1, 40)]
    [InlineData(nameof(Defect.LastLiveMessageLost), "LiveReachesAll", 1, 40)]
    [InlineData(nameof(Defect.LiveJoinsAfterReading), "LiveGapless", 1, 40)]
    [InlineData(nameof(Defect.LiveRepeatsAfterReconnect), "LiveGapless", 1, 40)]
    [InlineData(nameof(Defect.LiveBeforeCommit), "LiveIsStored LiveSnapshotIsTrue", 1, 20)]
    [InlineData(nameof(Defect.RowOfTwoWriters), "RowHasOneWriter", 1, 10)]
    [InlineData(nameof(Defect.SnapshotSpeculative), "SnapshotsAreHistory", 1, 40)]
    [InlineData(nameof(Defect.PaperBookForgotten), "SnapshotsAreHistory PaperBookSurvives", 1, 10)]
    [InlineData(nameof(Defect.PaperDrawsShared), "PaperDrawsAreTheirOwn", 1, 10)]
    [InlineData(nameof(Defect.ConflationLosesOrder), "ConflationKeepsOrder", 1, 20)]
    [InlineData(nameof(Defect.InterestLostOnRecovery), "MarketIsMet", 1, 20)]
    [InlineData(nameof(Defect.ActsOnUnstoredTick), "StopsTriggerTruly FillsNeedQuotes", 1, 10)]
    [InlineData(nameof(Defect.LateSendByWokenOwner), "NoLateSend", 1, 40)]
    [InlineData(nameof(Defect.CancelOvertakesSubmit), "CancelNeverOvertakes", 1, 40)]
    [InlineData(nameof(Defect.NotFoundTooEarly), "NotFoundIsNotEarly", 1, 40)]
    [InlineData(nameof(Defect.ReplayedFillBooked), "FillsBookedOnce", 1, 40)]
    [InlineData(nameof(Defect.StrayFillUnheard), "Liveness", 1, 40)]
    public void Defect_is_caught(string defect, string promises, int from, int withinSeeds)
    {
        var caught = Enumerable.Range(from, withinSeeds)
            .Select(seed => Simulator.Run(new SimOptions((ulong)seed, Enum.Parse<Defect>(defect))))
            .FirstOrDefault(result => result.Failure is not null);
        Assert.True(caught is not null, $"{defect} was not caught within {withinSeeds} seeds.");
        Assert.True(promises.Split(' ').Contains(caught.Promise), $"{defect} was caught by seed {caught.Seed} as {caught.Failure}; it breaks {promises}.");
    }

    [Fact]
    public void No_defect_is_left_out()
    {
        var tested = typeof(DefectTests).GetMethod(nameof(Defect_is_caught))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(data => (string)((InlineDataAttribute)data).GetData(null!).Single()[0]!);
        Assert.Equal(Enum.GetNames<Defect>().Except([nameof(Defect.None)]).Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
    }
}
