using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>A loop of a node that owns every shard: messages go to this loop or to another of the same process.</summary>
internal sealed class SingleLoop(SingleNode node, LoopParts parts) : CoreLoop(parts)
{
    protected override bool MayAct => IsWithinLease;

    protected override TimeSpan? UntilAlarm => Core.NextAlarm - Time.GetUtcNow();

    protected override void Step(object input) => Core.Step((CoreInput)input, Time.GetUtcNow(), this);

    protected override void Ring() => Step(new CoreInput.ClockTick());

    protected override void EndRound() => Core.Flush(this);

    public override void Send(Envelope envelope) => Route(node.LoopOf(envelope.To), new CoreInput.Delivered(envelope));

    public override void SendFanOut(FanOutEnvelope envelope) => Route(node.LoopOf(envelope.Shard), new CoreInput.FanOutDelivered(envelope));

    public override void Acknowledge(Acknowledgement acknowledgement) =>
        Route(node.LoopOf(acknowledgement.Sender), new CoreInput.Acknowledged(acknowledgement));

    public override void Reply(long askId, object reply) => node.Answer(askId, reply);

    public override void Fail(long askId, AskFailure failure, string detail) => node.Refuse(askId, failure, detail);

    public override void Done(long tag)
    {
        // In one process nothing comes by a queue.
    }

    public override void Committed(EntityId id, long seq) => node.Tell(id, seq);

    private void Route(CoreLoop loop, CoreInput input)
    {
        if (ReferenceEquals(loop, this))
        {
            TakeNext(input);
        }
        else
        {
            loop.Post(input);
        }
    }
}
