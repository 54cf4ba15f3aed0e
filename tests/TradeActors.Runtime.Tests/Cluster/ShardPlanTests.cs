using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Runtime.Cluster;
using Xunit;

namespace TradeActors.Runtime.Tests.Cluster;

public sealed class ShardPlanTests
{
    private const int Shards = 128;

    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Shards_are_spread_evenly_and_so_are_standbys(int nodes)
    {
        var board = new Board(nodes);
        board.Follow();
        var (share, extra) = Math.DivRem(Shards, nodes);
        Assert.All(board.Owned(), count => Assert.InRange(count, share, share + (extra > 0 ? 1 : 0)));
        if (nodes == 1)
        {
            Assert.All(Enumerable.Range(0, Shards), shard => Assert.Equal("", board.Plan().Standby(shard)));
            return;
        }

        var plan = board.Plan();
        for (var owner = 0; owner < nodes; owner++)
        {
            var standbys = Enumerable.Range(0, Shards).Where(shard => plan.Owner(shard) == $"n{owner}").GroupBy(plan.Standby).ToArray();
            Assert.Equal(nodes - 1, standbys.Length);
            Assert.All(standbys, group => Assert.InRange(group.Count(), 1, (Shards / nodes / (nodes - 1)) + 2));
            Assert.DoesNotContain(standbys, group => group.Key == $"n{owner}");
        }
    }

    [Fact]
    public void Plan_that_is_followed_is_the_plan_again()
    {
        var board = new Board(3);
        board.Follow();
        var before = board.Shards;
        board.Follow();
        Assert.Equal(before.AsEnumerable(), board.Shards);
    }

    [Fact]
    public void Node_that_joins_gets_its_share_and_nothing_else_moves()
    {
        var board = new Board(3);
        board.Follow();
        var before = board.Shards;
        board.Join("n3");
        var plan = board.Plan();
        var moved = Enumerable.Range(0, Shards).Where(shard => plan.Owner(shard) != before[shard].Owner).ToArray();
        Assert.Equal(Shards / 4, moved.Length);
        Assert.All(moved, shard => Assert.Equal(("n3", "n3"), (plan.Owner(shard), plan.Standby(shard))));
    }

    [Fact]
    public void Shards_of_a_dead_node_go_to_their_standbys_as_far_as_they_have_room()
    {
        var board = new Board(3);
        board.Follow();
        var before = board.Shards;
        board.Die("n1");
        var plan = board.Plan();
        var orphans = before.Where(row => row.Owner == "n1").ToArray();
        Assert.All(before.Where(row => row.Owner != "n1"), row => Assert.Equal(row.Owner, plan.Owner(row.Shard)));
        Assert.InRange(orphans.Count(row => plan.Owner(row.Shard) == row.Standby), orphans.Length - 2, orphans.Length);
    }

    [Fact]
    public void Node_that_leaves_keeps_nothing_and_hands_over_to_who_stands_by()
    {
        var board = new Board(3);
        board.Follow();
        board.Leave("n2");
        var plan = board.Plan();
        Assert.DoesNotContain(Enumerable.Range(0, Shards), shard => plan.Owner(shard) == "n2" || plan.Standby(shard) == "n2");
        Assert.All(board.Shards.Where(row => row.Owner == "n2"), row => Assert.Equal(plan.Owner(row.Shard), plan.Standby(row.Shard)));
    }

    [Fact]
    public void Nobody_left_is_no_plan()
    {
        var board = new Board(1);
        board.Leave("n0");
        Assert.All(Enumerable.Range(0, Shards), shard => Assert.Equal(("", ""), (board.Plan().Owner(shard), board.Plan().Standby(shard))));
    }

    private sealed class Board(int nodes)
    {
        private ImmutableArray<NodeRow> _nodes = [.. Enumerable.Range(0, nodes).Select(number => new NodeRow($"n{number}", Now, true))];

        public ImmutableArray<ShardRow> Shards { get; private set; } = [.. Enumerable.Range(0, ShardPlanTests.Shards).Select(shard => new ShardRow(shard, 0, "", "", 0))];

        public ShardPlan Plan() => ShardPlan.Of(new ClusterView(Now, _nodes, Shards), DeadAfter);

        public void Join(string node) => _nodes = _nodes.Add(new NodeRow(node, Now, true));

        public void Die(string node) => Change(node, row => row with { SeenAt = Now - DeadAfter });

        public void Leave(string node) => Change(node, row => row with { TakesShards = false });

        public void Follow()
        {
            var plan = Plan();
            Shards = [.. Shards.Select(row => row with { Owner = plan.Owner(row.Shard), Standby = plan.Standby(row.Shard) })];
        }

        public IEnumerable<int> Owned() => _nodes.Select(node => Shards.Count(row => row.Owner == node.Node));

        private void Change(string node, Func<NodeRow, NodeRow> change) => _nodes = [.. _nodes.Select(row => row.Node == node ? change(row) : row)];
    }
}
