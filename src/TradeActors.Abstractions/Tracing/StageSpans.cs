using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TradeActors.Abstractions.Tracing;

/// <summary>Spans whose ids are given, not drawn. For shells alone: rules and runtime core start no spans.</summary>
public static class StageSpans
{
    /// <summary>
    /// Starts a span and makes it the current one, like <see cref="ActivitySource.StartActivity(string, ActivityKind)"/>. After a root none is current until the
    /// caller's own flow returns.
    /// </summary>
    /// <param name="parent">Null for the root of the trace.</param>
    /// <param name="startedAt">UTC; null for now.</param>
    /// <returns>Null when nobody listens or the trace is not sampled.</returns>
    public static Activity? Start(
        ActivitySource source, string stage, ActivityKind kind, ActivityTraceId trace, ActivitySpanId id, ActivitySpanId? parent, DateTimeOffset? startedAt = null)
    {
        if (!source.HasListeners())
        {
            return null;
        }

        if (parent is null)
        {
            Activity.Current = null; // It would become the parent: of a webhook the framework's request span, which is not recorded.
        }

        var span = source.StartActivity(
            stage, kind, new ActivityContext(trace, parent ?? default, ActivityTraceFlags.None), startTime: startedAt ?? default);
        if (span is not null)
        {
            Name(span, id);
        }

        return span;
    }

    /// <summary>
    /// An activity draws its span id at random and offers no other way in. Without the field (a later framework may have renamed it; a test watches) the
    /// spans still share their trace and only the lines between parent and child are lost.
    /// </summary>
    private static void Name(Activity span, ActivitySpanId id)
    {
        try
        {
            SpanIdOf(span) = id.ToHexString();
        }
        catch (MissingFieldException)
        {
            // Named by chance, then.
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity span);
}
