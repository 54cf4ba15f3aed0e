using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Cluster;

/// <summary>What an <see cref="AskRouter"/> wants done. No call may block.</summary>
public interface IRouterOutput
{
    /// <summary>
    /// Brings the question to whoever owns the shard: this node's own entities, or the shard's queue. Answer with <see cref="AskRouter.Answered"/> or
    /// <see cref="AskRouter.Refused"/>, the latter also when no queue takes it. It may be lost.
    /// </summary>
    void Carry(long askId, EntityId to, object message);

    /// <summary>Answer with <see cref="AskRouter.Put"/>.</summary>
    void PutInbox(long askId, EntityId to, string inboxId, object message);

    void Answer(long askId, object reply);

    /// <param name="detail">For the log.</param>
    void GiveUp(long askId, AskFailure failure, string detail);
}

/// <summary>Bounds and delays of an <see cref="AskRouter"/>.</summary>
public sealed record RouterOptions
{
    /// <summary>A question that may be left in the inbox is left there after this: whoever sent it has its answer within a second, whatever becomes of other nodes.</summary>
    /// <value>700 ms.</value>
    public TimeSpan InboxAfter { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>Whatever has no answer after this is given up. It may still be carried out.</summary>
    /// <value>10 s.</value>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first time that a question is asked again of whoever has the shard by then; doubles up to a second.</summary>
    /// <value>50 ms.</value>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>
/// A front door's questions to entities anywhere in the cluster: asked again while their shard moves, and, where that is allowed, left in the inbox when nobody
/// answers in time (PROTOCOL 6). Without I/O.
/// </summary>
/// <remarks>Not safe for concurrent use. Times are of one monotonic clock.</remarks>
public sealed class AskRouter(RouterOptions options)
{
    private readonly Dictionary<long, Question> _open = [];

    /// <summary>Every open question under the time of its next turn.</summary>
    private readonly SortedSet<(TimeSpan At, long AskId)> _due = [];

    private sealed class Question(EntityId to, object message, string? inboxId, TimeSpan since)
    {
        public EntityId To => to;

        public object Message => message;

        /// <summary>Null: it may not be left in the inbox, or lies there, or is on its way.</summary>
        public string? InboxId { get; set; } = inboxId;

        public TimeSpan Since => since;

        public TimeSpan? AskAgainAt { get; set; }

        public int Refusals { get; set; }

        /// <summary>Its place in <see cref="_due"/>.</summary>
        public TimeSpan DueAt { get; set; }
    }

    public int Open => _open.Count;

    /// <summary>When to call <see cref="Tick"/> at the latest; null for never.</summary>
    public TimeSpan? NextDue => _due.Count == 0 ? null : _due.Min.At;

    /// <param name="askId">Greater than every one before.</param>
    /// <param name="inboxId">By which the entity knows a repeat; null for what must not be carried out later than its answer.</param>
    public void Ask(long askId, EntityId to, object message, string? inboxId, TimeSpan uptime, IRouterOutput output)
    {
        var question = new Question(to, message, inboxId, uptime);
        _open.Add(askId, question);
        Schedule(askId, question);
        output.Carry(askId, to, message);
    }

    public void Answered(long askId, object reply, IRouterOutput output)
    {
        if (Close(askId))
        {
            output.Answer(askId, reply);
        }
    }

    /// <summary>Whoever was asked cannot answer. What only needs another owner, or time, is asked again.</summary>
    public void Refused(long askId, AskFailure failure, string detail, TimeSpan uptime, IRouterOutput output)
    {
        if (!_open.TryGetValue(askId, out var question))
        {
            return;
        }

        if (failure == AskFailure.Parked)
        {
            Close(askId);
            output.GiveUp(askId, failure, detail);
            return;
        }

        var delay = options.AskAgainAfter * (1 << Math.Min(question.Refusals++, 5));
        question.AskAgainAt = uptime + (delay < TimeSpan.FromSeconds(1) ? delay : TimeSpan.FromSeconds(1));
        Schedule(askId, question);
    }

    /// <param name="inboxId">Null when it could not be stored: nobody can say that it is safe.</param>
    public void Put(long askId, string? inboxId, IRouterOutput output)
    {
        if (!_open.TryGetValue(askId, out var question))
        {
            return;
        }

        if (inboxId is not null)
        {
            Close(askId);
            output.Answer(askId, new LeftInInbox(inboxId));
            return;
        }

        output.GiveUp(askId, AskFailure.Unavailable, $"{question.To} does not answer, and the message could not be stored.");
        Close(askId);
    }

    public void Tick(TimeSpan uptime, IRouterOutput output)
    {
        foreach (var askId in _due.TakeWhile(due => due.At <= uptime).Select(due => due.AskId).Order().ToArray())
        {
            var question = _open[askId];
            if (question.Since + options.GiveUpAfter <= uptime)
            {
                Close(askId);
                output.GiveUp(askId, AskFailure.Unavailable, $"{question.To} has not answered within {options.GiveUpAfter.TotalSeconds:0} s.");
            }
            else if (question.InboxId is { } inboxId && question.Since + options.InboxAfter <= uptime)
            {
                question.InboxId = null;
                question.AskAgainAt = null;
                Schedule(askId, question);
                output.PutInbox(askId, question.To, inboxId, question.Message);
            }
            else if (question.AskAgainAt <= uptime)
            {
                question.AskAgainAt = null;
                Schedule(askId, question);
                output.Carry(askId, question.To, question.Message);
            }
        }
    }

    private void Schedule(long askId, Question question)
    {
        _due.Remove((question.DueAt, askId));
        question.DueAt = NextOf(question);
        _due.Add((question.DueAt, askId));
    }

    private bool Close(long askId) => _open.Remove(askId, out var question) && _due.Remove((question.DueAt, askId));

    private TimeSpan NextOf(Question question)
    {
        var next = question.Since + options.GiveUpAfter;
        next = question.InboxId is not null && question.Since + options.InboxAfter < next ? question.Since + options.InboxAfter : next;
        return question.AskAgainAt < next ? question.AskAgainAt.Value : next;
    }
}
