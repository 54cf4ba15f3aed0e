using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Cluster;

/// <summary>
/// Who should own each shard, and who should stand by to take it over. Every node makes the plan for itself: from the same view of the board comes the same plan,
/// so that nobody has to lead.
/// </summary>
/// <remarks>
/// Shards are spread evenly and stay where they are as far as that allows: a node that joins gets its share and nothing else moves, the shards of a node that
/// has left go to their standbys first. Standbys are spread over the other nodes, so that the load of a dead node is shared by all that are left.
/// </remarks>
public sealed class ShardPlan
{
    private readonly string[] _owners;
    private readonly string[] _standbys;

    private ShardPlan(string[] owners, string[] standbys) => (_owners, _standbys) = (owners, standbys);

    /// <summary>Empty when no node takes shards.</summary>
    public string Owner(int shard) => _owners[shard];

    /// <summary>Empty when there is no second node.</summary>
    public string Standby(int shard) => _standbys[shard];

    /// <param name="deadAfter">A node that has not been seen for this long counts as gone.</param>
    public static ShardPlan Of(ClusterView view, TimeSpan deadAfter)
    {
        var living = view.Nodes.Where(node => view.At - node.SeenAt < deadAfter).ToArray();
        string[] nodes = [.. living.Where(node => node.TakesShards).Select(node => node.Node).Order(StringComparer.Ordinal)];
        var owners = new string[view.Shards.Length];
        var standbys = new string[view.Shards.Length];
        Array.Fill(owners, "");
        Array.Fill(standbys, "");
        if (nodes.Length > 0)
        {
            PlanOwners(view, nodes, owners);
            PlanStandbys(view, nodes, [.. living.Select(node => node.Node)], owners, standbys);
        }

        return new ShardPlan(owners, standbys);
    }

    private static void PlanOwners(ClusterView view, string[] nodes, string[] owners)
    {
        var held = nodes.ToDictionary(node => node, _ => new List<int>(), StringComparer.Ordinal);
        foreach (var row in view.Shards)
        {
            var holder = held.ContainsKey(row.Owner) ? row.Owner : held.ContainsKey(row.Standby) ? row.Standby : "";
            owners[row.Shard] = holder;
            if (holder.Length > 0)
            {
                held[holder].Add(row.Shard);
            }
        }

        // Those who have most may keep one more, where the shards do not divide evenly.
        var (share, extra) = Math.DivRem(view.Shards.Length, nodes.Length);
        var quotas = nodes.OrderByDescending(node => held[node].Count).ThenBy(node => node, StringComparer.Ordinal)
            .Select((node, place) => (node, quota: share + (place < extra ? 1 : 0))).ToDictionary(pair => pair.node, pair => pair.quota, StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            foreach (var shard in held[node].OrderBy(shard => Weight(node, shard)).Take(held[node].Count - quotas[node]).ToArray())
            {
                owners[shard] = "";
                held[node].Remove(shard);
            }
        }

        for (var shard = 0; shard < owners.Length; shard++)
        {
            if (owners[shard].Length == 0)
            {
                var taker = nodes.Where(node => held[node].Count < quotas[node]).MaxBy(node => Weight(node, shard))!;
                owners[shard] = taker;
                held[taker].Add(shard);
            }
        }
    }

    private static void PlanStandbys(ClusterView view, string[] nodes, string[] living, string[] owners, string[] standbys)
    {
        var pairs = new Dictionary<(string, string), int>();
        foreach (var row in view.Shards)
        {
            var owner = owners[row.Shard];
            if (owner != row.Owner && living.Contains(row.Owner))
            {
                standbys[row.Shard] = owner; // A planned move: the one who is to have it stands by until it is handed over.
                continue;
            }

            var others = nodes.Where(node => node != owner).ToArray();
            if (others.Length == 0)
            {
                continue;
            }

            // Evenly over the others; whoever stands by already goes on while that is not too uneven.
            var most = (view.Shards.Length / nodes.Length / others.Length) + 1;
            var standby = row.Standby != owner && others.Contains(row.Standby) && pairs.GetValueOrDefault((owner, row.Standby)) < most
                ? row.Standby
                : others.OrderBy(node => pairs.GetValueOrDefault((owner, node))).ThenByDescending(node => Weight(node, row.Shard)).First();
            standbys[row.Shard] = standby;
            pairs[(owner, standby)] = pairs.GetValueOrDefault((owner, standby)) + 1;
        }
    }

    private static ulong Weight(string node, int shard) => StableHash.Fnv1a64(FormattableString.Invariant($"{node}/{shard}"));
}
