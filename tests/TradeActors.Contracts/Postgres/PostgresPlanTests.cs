using System.Text.Json;
using TradeActors.Journal.Postgres;
using Xunit;

namespace TradeActors.Contracts.Postgres;

/// <summary>
/// How the server carries out the engine's own statements over a million events: what it reads must not grow with what is stored. A statement, an index or a policy that
/// makes it walk a table fails here.
/// </summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresPlanTests(FullPostgres full) : IClassFixture<FullPostgres>
{
    private const string Entity = "t01/account/a000100";
    private const string Range = "2, 't01', 'p0', 50, 100, '', 19000, ''";

    private static readonly string Append =
        $$"""
        '{1}', '{{{Entity}}}', '{3}', '{1}', '{50}', '{51}', '{0}', '{t}', '{NULL}', '{51}', '{3}', '{\\x00}',
        '{1}', '{{{Entity}}}', '{51}', '{x.v1}', '{\\x00}', '{NULL}', '{0}', '{0,1}', '{1,1}', '{2,3}', '{t01,t01}', '{p0,p0}', '{000001,000021}', '{1,1}', '{s0,""}', '{NULL,\\x00}'
        """;

    private static readonly Dictionary<string, (string Sql, string Arguments, string? Tenant)> Statements = new()
    {
        ["load of the journal and its snapshot"] = (PostgresJournal.Load, $"'{{{Entity},t01/account/a000200}}', '{{3,3}}'", null),
        ["wakes of claimed shards"] = (PostgresJournal.ClaimedWakes, "'{3,4}'", null),
        ["inbox of claimed shards"] = (PostgresJournal.ClaimedInbox, "'{3,4}'", null),
        ["inbox"] = (PostgresJournal.Inbox, "3, 100", null),
        ["message by id"] = (PostgresJournal.InboxNumber, "'m100'", null),
        ["append"] = (AppendStatement.WithoutDrops, Append, null),
        ["append that drops rows"] = (AppendStatement.WithDrops, Append, null),
        ["look-up"] = (PostgresReadStore.Get, "2, 't01', 'p0', '000001'", null),
        ["row"] = (PostgresReadStore.Get, "2, 't01', 'p0', '000001'", "t01"),
        ["keys"] = (PostgresReadStore.KeysOfTenant, "2, 't01'", "t01"),
        ["counts"] = (PostgresReadStore.CountStates, "2, 't01', '{p0,p1}'", "t01"),
        ["list"] = (RowsTable.List(newestFirst: false, hasStates: false), Range, "t01"),
        ["list, newest first"] = (RowsTable.List(newestFirst: true, hasStates: false), Range, "t01"),
        ["list of states"] = (RowsTable.List(newestFirst: false, hasStates: true), Range + ", '{s0,s1}'", "t01"),
        ["list of states, newest first"] = (RowsTable.List(newestFirst: true, hasStates: true), Range + ", '{s0,s1}'", "t01"),
        ["live page"] = (PostgresLiveStore.Page, "10, 't01', 'p0', 100, 20", "t01"),
        ["live state"] = (PostgresLiveStore.State, "10, 't01', 'p0', 2, 't01', 'p0', '000001'", "t01"),
        ["live heads"] = (PostgresLiveStore.Heads, "10, '{t01,t02}', '{p0,p1}'", null),
        ["trim of a read table"] = (PostgresRowRetention.Trim, "12, 100, 50", null),
        ["trim of live events"] = (PostgresLiveStore.Trim, "1000, 50", null),
    };

    public static TheoryData<string, string> Plans()
    {
        var plans = new TheoryData<string, string>();
        foreach (var name in Statements.Keys)
        {
            plans.Add(name, "force_custom_plan");
            plans.Add(name, "force_generic_plan");
        }

        return plans;
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task Statement_seeks_along_indexes_what_it_reads(string name, string mode)
    {
        var (sql, arguments, tenant) = Statements[name];
        var text = await full.ExplainAsync(sql, arguments, tenant, mode);
        using var plan = JsonDocument.Parse(text);
        var nodes = NodesOf(plan.RootElement[0].GetProperty("Plan")).ToList();
        Assert.Contains(nodes, IsSeek);
        Assert.False(nodes.Exists(IsWalk), text);
        Assert.False(nodes.Exists(SortsBeforeItsLimit), text);
    }

    [Fact]
    public async Task A_walk_is_seen_as_one()
    {
        using var plan = JsonDocument.Parse(await full.ExplainAsync("SELECT count(*) FROM events WHERE type = $1", "'x.v2'", tenant: null, "force_custom_plan"));
        Assert.Contains(NodesOf(plan.RootElement[0].GetProperty("Plan")), IsWalk);
    }

    [Fact]
    public async Task A_page_that_is_sorted_is_seen_as_such()
    {
        const string ByDoc = "SELECT id FROM rows WHERE kind = $1 AND tenant = $2 AND parent = $3 ORDER BY doc LIMIT 10";
        using var plan = JsonDocument.Parse(await full.ExplainAsync(ByDoc, "2, 't01', 'p0'", tenant: "t01", "force_custom_plan"));
        Assert.Contains(NodesOf(plan.RootElement[0].GetProperty("Plan")), SortsBeforeItsLimit);
    }

    private static IEnumerable<JsonElement> NodesOf(JsonElement node) =>
        node.TryGetProperty("Plans", out var parts) ? parts.EnumerateArray().SelectMany(NodesOf).Prepend(node) : [node];

    private static bool IsSeek(JsonElement node) => node.TryGetProperty("Index Cond", out _);

    /// <summary>A table read from its beginning to its end, or an index. The shards and nodes are few: theirs may be.</summary>
    private static bool IsWalk(JsonElement node) => node.GetProperty("Node Type").GetString() switch
    {
        "Seq Scan" => node.GetProperty("Relation Name").GetString() is not ("shards" or "nodes" or "standbys" or "installation"),
        "Index Scan" or "Index Only Scan" or "Bitmap Index Scan" => !IsSeek(node),
        _ => false,
    };

    /// <summary>A page made of everything that could be in it. Pages that are merged into one may be sorted, and the few of one date along an index (Incremental Sort).</summary>
    private static bool SortsBeforeItsLimit(JsonElement node) =>
        IsLimit(node) && NodesOf(node).Any(below => below.GetProperty("Node Type").GetString() == "Sort" && !NodesOf(below).Any(IsLimit));

    private static bool IsLimit(JsonElement node) => node.GetProperty("Node Type").GetString() == "Limit";
}
