using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Api.Operators;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Shell;
using ClusterView = TradeActors.Abstractions.Journal.ClusterView;

namespace TradeActors.Node.Hosting;

/// <summary>What one node asks another of itself, and tells it.</summary>
/// <param name="Kind">With <see cref="NodeQuestionKind.Loaded"/>; null for all.</param>
/// <param name="After">Likewise.</param>
internal sealed record NodeQuestion(NodeQuestionKind What, string? Kind = null, string? After = null, int Most = 0);

internal enum NodeQuestionKind { Report, Loaded, Leave, Stay }

internal sealed record NodeAnswer(NodeReport? Report = null, IReadOnlyList<LoadedEntity>? Loaded = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NodeQuestion))]
[JsonSerializable(typeof(NodeAnswer))]
internal sealed partial class NodeCallJson : JsonSerializerContext;

/// <summary>All nodes as this one sees them: what the board says, and what each says of itself when it is asked.</summary>
internal sealed class ClusterStatus : IClusterStatus
{
    private readonly EntityNode _entities;
    private readonly Func<int> _journalQueue;
    private readonly Func<int> _marketQueue;

    public ClusterStatus(EntityNode entities, Func<int> journalQueue, Func<int> marketQueue)
    {
        (_entities, _journalQueue, _marketQueue) = (entities, journalQueue, marketQueue);
        if (Cluster is { } cluster)
        {
            cluster.Calls.OnCall = AnswerAsync;
        }
    }

    public string NodeName => _entities.NodeName;

    public int ShardCount => _entities.ShardCount;

    public ImmutableArray<string> Kinds => _entities.Kinds;

    private ClusterNode? Cluster => _entities as ClusterNode;

    public async Task<ClusterState> StateAsync(CancellationToken ct)
    {
        var view = View();
        var nodes = await Task.WhenAll(view.Nodes.Select(async row =>
        {
            var state = StateOf(row, view);
            var answer = state == NodeState.Silent ? null : await AskAsync(row.Node, new NodeQuestion(NodeQuestionKind.Report), ct);
            return new NodeStatus(row.Node, state, row.SeenAt, answer?.Report);
        }));
        return new ClusterState([.. nodes], [.. view.Shards.Select(row => new ShardStatus(row.Shard, row.Owner, row.Standby, row.Epoch))]);
    }

    public async Task<IReadOnlyList<PlacedEntity>> LoadedAsync(string? kind, EntityId? after, int most, CancellationToken ct)
    {
        var view = View();
        var question = new NodeQuestion(NodeQuestionKind.Loaded, kind, after?.ToString(), most);
        var parts = await Task.WhenAll(view.Nodes.Where(row => StateOf(row, view) != NodeState.Silent)
            .Select(async row => (row.Node, (await AskAsync(row.Node, question, ct))?.Loaded)));
        return parts.All(part => part.Loaded is null)
            ? throw new EntityUnavailableException("No node answers.")
            : [.. parts.SelectMany(part => (part.Loaded ?? []).Select(entity => new PlacedEntity(part.Node, entity))).OrderBy(placed => placed.Entity.Id).Take(most)];
    }

    public async Task<DrainOutcome> DrainAsync(string node, bool isLeaving, CancellationToken ct)
    {
        var view = View();
        if (!view.Nodes.Any(row => row.Node == node))
        {
            return DrainOutcome.UnknownNode;
        }

        if (isLeaving && !view.Nodes.Any(row => row.Node != node && StateOf(row, view) == NodeState.Up))
        {
            return DrainOutcome.LastNode;
        }

        return await AskAsync(node, new NodeQuestion(isLeaving ? NodeQuestionKind.Leave : NodeQuestionKind.Stay), ct) is not null
            ? DrainOutcome.Told
            : throw new EntityUnavailableException($"{node} does not answer.");
    }

    private ClusterView View() => _entities.View ?? throw new EntityUnavailableException("This node has not seen the board yet.");

    private NodeState StateOf(NodeRow row, ClusterView view) =>
        Cluster?.IsGone(row, view) == true ? NodeState.Silent : row.TakesShards ? NodeState.Up : NodeState.Leaving;

    /// <returns>Null when it does not answer in time.</returns>
    private async Task<NodeAnswer?> AskAsync(string node, NodeQuestion question, CancellationToken ct)
    {
        if (node == NodeName)
        {
            return await AnswerAsync(question, ct);
        }

        var answer = Cluster is { } cluster
            ? await cluster.Calls.AskAsync(node, JsonSerializer.SerializeToUtf8Bytes(question, NodeCallJson.Default.NodeQuestion), ct)
            : null;
        return answer is { } bytes ? JsonSerializer.Deserialize(bytes.Span, NodeCallJson.Default.NodeAnswer) : null;
    }

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> question) => JsonSerializer.SerializeToUtf8Bytes(
        await AnswerAsync(JsonSerializer.Deserialize(question.Span, NodeCallJson.Default.NodeQuestion)!, CancellationToken.None), NodeCallJson.Default.NodeAnswer);

    private async Task<NodeAnswer> AnswerAsync(NodeQuestion question, CancellationToken ct)
    {
        switch (question.What)
        {
            case NodeQuestionKind.Report:
                return new NodeAnswer(new NodeReport(await _entities.WorkAsync(ct), _journalQueue(), _marketQueue()));
            case NodeQuestionKind.Loaded:
                return new NodeAnswer(Loaded: await _entities.LoadedAsync(
                    question.Kind, question.After is { } after ? EntityId.Parse(after) : null, question.Most, ct));
            case NodeQuestionKind.Leave:
                Cluster?.Leave();
                return new NodeAnswer();
            case NodeQuestionKind.Stay:
                Cluster?.Stay();
                return new NodeAnswer();
            default:
                throw new InvalidDataException($"'{question.What}' is no question to a node.");
        }
    }
}
