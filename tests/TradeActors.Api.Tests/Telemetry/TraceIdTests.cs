using System.Diagnostics;
using TradeActors.Abstractions.Tracing;
using TradeActors.Domain.Common;
using Xunit;

namespace TradeActors.Api.Tests.Telemetry;

public sealed class TraceIdTests
{
    private static readonly EntityId Account = new("t", EntityKind.Account, "a");

    /// <summary>The first half of the SHA-256 of "abc" (FIPS 180-2, appendix B.1): whoever has the signal's id finds its trace.</summary>
    [Fact]
    public void Trace_of_a_signal_is_the_first_half_of_the_hash_of_its_id() =>
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223", TraceIds.OfSignal("abc").ToHexString());

    [Fact]
    public void Orders_of_different_accounts_with_one_name_have_traces_of_their_own()
    {
        Assert.Equal(TraceIds.OfOrder(Account, "1"), TraceIds.OfOrder(Account, "1"));
        Assert.NotEqual(TraceIds.OfOrder(Account, "1"), TraceIds.OfOrder(Account with { Tenant = "u" }, "1"));
        Assert.NotEqual(TraceIds.OfOrder(Account, "1"), TraceIds.OfOrder(Account, "2"));
    }

    [Fact]
    public void Span_ids_differ_by_trace_stage_and_subject()
    {
        var (one, other) = (TraceIds.OfSignal("1"), TraceIds.OfSignal("2"));
        ActivitySpanId[] ids =
            [TraceIds.Span(one, "a"), TraceIds.Span(other, "a"), TraceIds.Span(one, "b"), TraceIds.Span(one, "a", "x"), TraceIds.Span(one, "a", "y")];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[3], TraceIds.Span(one, "a", "x"));
    }

    /// <summary>Fails when the framework has renamed what <see cref="StageSpans"/> sets: then parents and children no longer find each other.</summary>
    [Fact]
    public void A_span_has_the_ids_that_it_was_given()
    {
        using var source = new ActivitySource("span-with-given-ids");
        using var listener = new ActivityListener
        {
            ShouldListenTo = heard => heard.Name == source.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        var trace = TraceIds.OfSignal("1");
        var (id, parent) = (TraceIds.Span(trace, "child"), TraceIds.Span(trace, "parent"));
        using var request = new Activity("of the framework").Start();
        using var root = StageSpans.Start(source, "parent", ActivityKind.Server, trace, parent, parent: null);
        using var span = StageSpans.Start(source, "child", ActivityKind.Internal, trace, id, parent, DateTimeOffset.UnixEpoch);
        Assert.Equal((trace, parent, default), (root!.TraceId, root.SpanId, root.ParentSpanId));
        Assert.Equal((trace, id, parent), (span!.TraceId, span.SpanId, span.ParentSpanId));
        Assert.Equal($"00-{trace}-{id}-01", span.Id);
        Assert.Equal(DateTime.UnixEpoch, span.StartTimeUtc);
    }

    [Fact]
    public void Nobody_listening_makes_no_span()
    {
        using var source = new ActivitySource("span-nobody-hears");
        Assert.Null(StageSpans.Start(source, "x", ActivityKind.Internal, TraceIds.OfSignal("1"), TraceIds.Span(TraceIds.OfSignal("1"), "x"), null));
    }
}
