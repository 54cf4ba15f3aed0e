using System.Collections.Concurrent;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Runtime.Shell;

/// <summary>What nodes ask each other about themselves, and tell all others, besides what their entities say.</summary>
/// <remarks>Safe from any thread. Everything is at most once: a call has an answer in time or none.</remarks>
public sealed class NodeCalls
{
    private const string Call = "call";
    private const string Called = "called";
    private const string Share = "share";

    private readonly string _node;
    private readonly ClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<ClusterNotice> _notices;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ReadOnlyMemory<byte>>> _open = new(StringComparer.Ordinal);
    private INodeTransport? _transport;
    private long _last;

    internal NodeCalls(string node, ClusterOptions options, TimeProvider time, Action<ClusterNotice> notices) =>
        (_node, _options, _time, _notices) = (node, options, time, notices);

    /// <summary>Answers what another node asks. Called by the transport: return at once, and answer later.</summary>
    public Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>>? OnCall { get; set; }

    /// <summary>Takes what another node has shared. Called by the transport, in order: return at once.</summary>
    public Action<ReadOnlyMemory<byte>>? OnShared { get; set; }

    /// <summary>The transport has connected, perhaps again: what was shared meanwhile is not known. Return at once.</summary>
    public Action? OnConnected { get; set; }

    /// <returns>Null when the node has not answered in time.</returns>
    public async Task<ReadOnlyMemory<byte>?> AskAsync(string node, ReadOnlyMemory<byte> question, CancellationToken ct)
    {
        if (_transport is not { } transport)
        {
            return null;
        }

        var id = $"{_options.Life}/{Interlocked.Increment(ref _last)}";
        var answer = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = answer;
        try
        {
            transport.SendToNode(node, new TransportMessage(Call, question) { CorrelationId = id, ReplyTo = _node, LapsesAfter = _options.CallWithin });
            return await answer.Task.WaitAsync(_options.CallWithin, _time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _open.TryRemove(id, out _);
        }
    }

    /// <summary>Sends something to all other nodes that are connected.</summary>
    public void ShareWithAll(ReadOnlyMemory<byte> what) => _transport?.Announce(new TransportMessage(Share, what) { ReplyTo = _node });

    internal void Use(INodeTransport transport) => _transport = transport;

    internal void Connected() => OnConnected?.Invoke();

    internal void Shared(TransportMessage message)
    {
        if (message.Type == Share)
        {
            OnShared?.Invoke(message.Body);
        }
    }

    internal void Take(TransportMessage message)
    {
        if (message is { Type: Call, ReplyTo: { } caller, CorrelationId: { } id } && OnCall is { } onCall)
        {
            _ = AnswerAsync(onCall, message, caller, id);
        }
        else if (message is { Type: Called, CorrelationId: { } own } && _open.TryGetValue(own, out var answer))
        {
            answer.TrySetResult(message.Body);
        }
    }

    private async Task AnswerAsync(Func<ReadOnlyMemory<byte>, Task<ReadOnlyMemory<byte>>> onCall, TransportMessage message, string caller, string id)
    {
        try
        {
            var answer = await onCall(message.Body).ConfigureAwait(false);
            _transport?.SendToNode(caller, new TransportMessage(Called, answer) { CorrelationId = id, LapsesAfter = _options.CallWithin });
        }
#pragma warning disable CA1031 // Whatever it is, the caller hears nothing and says so.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _notices(new ClusterNotice.NotUnderstood(message.Type, error));
        }
    }
}
