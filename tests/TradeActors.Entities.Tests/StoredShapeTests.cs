using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TradeActors.Abstractions.Stored;
using Xunit;

namespace TradeActors.Entities.Tests;

/// <summary>
/// Golden files pin the JSON of every stored name: journals written by earlier versions are read for ever. With ACCEPT_GOLDEN=1 in the environment
/// the files are written instead of compared.
/// </summary>
public sealed class StoredShapeTests
{
    private static readonly StoredTypes Types = new StoredTypes().AddEntities();

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => [.. Types.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Stored_shape_is_that_of_the_golden_file(string name)
    {
        var actual = Shown(Types.Encode(Sample.Of(Types.TypeOf(name))).Payload);
        var path = Path.Combine(Folder, $"{name}.json");
        if (IsAccepting)
        {
            File.WriteAllText(path, actual, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return;
        }

        Assert.True(
            File.Exists(path), $"'{name}' has no golden file. Run these tests with ACCEPT_GOLDEN=1, look at test-data/{name}.json and commit it.");
        var golden = File.ReadAllText(path).ReplaceLineEndings("\n");
        Assert.True(golden == actual, $"{WhatToDo(name)}\nGolden:\n{golden}\nNow:\n{actual}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Value_is_the_same_after_storing_and_reading(string name)
    {
        var (stored, payload) = Types.Encode(Sample.Of(Types.TypeOf(name)));
        Assert.Equal(name, stored);
        var again = Types.Encode(Types.Decode(name, payload));
        Assert.Equal((name, Shown(payload)), (again.Name, Shown(again.Payload)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Golden_file_is_read_back_whole(string name)
    {
        var path = Path.Combine(Folder, $"{name}.json");
        if (IsAccepting && !File.Exists(path))
        {
            return; // Written by another test of this run.
        }

        var golden = File.ReadAllBytes(path);
        Assert.Equal(Encoding.UTF8.GetString(golden).ReplaceLineEndings("\n"), Shown(Types.Encode(Types.Decode(name, golden)).Payload));
    }

    public static TheoryData<string> Earlier => [.. Directory.EnumerateFiles(Path.Combine(Folder, "earlier"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>Members that were added later are absent in what an earlier version stored; everything else is read as it was.</summary>
    [Theory]
    [MemberData(nameof(Earlier))]
    public void Shape_of_an_earlier_version_is_still_read(string name)
    {
        var earlier = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, "earlier", $"{name}.json")))!;
        var now = JsonNode.Parse(Types.Encode(Types.Decode(name, Encoding.UTF8.GetBytes(earlier.ToJsonString()))).Payload)!;
        AssertHolds(earlier, now, name);
    }

    private static void AssertHolds(JsonNode expected, JsonNode? actual, string path)
    {
        if (expected is JsonObject members)
        {
            foreach (var (key, value) in members)
            {
                AssertHolds(value!, actual?[key], $"{path}.{key}");
            }

            return;
        }

        Assert.True(JsonNode.DeepEquals(expected, actual), $"{path} was {expected}, and is read as {actual}.");
    }

    [Fact]
    public void Every_golden_file_has_its_name_in_the_catalog()
    {
        var orphans = Directory.EnumerateFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).Except(Types.Names).ToArray();
        Assert.True(orphans.Length == 0, $"Stored names may not vanish; keep an upcaster for {string.Join(", ", orphans)}, then delete the file.");
    }

    [Fact]
    public void Events_and_messages_carry_their_version_and_states_do_not() =>
        Assert.All(Types.Names, name => Assert.Matches(@"^(recorder|account|connection|operation)\.(state|[a-z]+(-[a-z]+)*\.v[1-9])$", name));

    [Fact]
    public void Every_event_of_the_entities_has_a_stored_name()
    {
        var events = typeof(Domain.Accounts.AccountEvent).Assembly.GetTypes().Where(type => !type.IsAbstract
            && (type.BaseType == typeof(Domain.Accounts.AccountEvent) || type.BaseType == typeof(Domain.Recorders.RecorderEvent)
                || type.BaseType == typeof(Domain.Connections.ConnectionEvent) || type.BaseType == typeof(Domain.Operations.OperationEvent)));
        var named = Types.Names.Select(Types.TypeOf).ToHashSet();
        Assert.Empty(events.Where(type => !named.Contains(type)).Select(type => type.Name));
    }

    [Fact]
    public void Numbers_keep_their_digits()
    {
        var trade = new Domain.Connections.OrderUpdate(
            "c1", Domain.Connections.OrderUpdateKind.Trade, null, "e1", 0.00000001m, 79228162514264337593543950335m, -0.10m, null, default);
        var read = (Domain.Connections.OrderUpdate)Types.Decode("connection.order-update.v1", Types.Encode(trade).Payload);
        Assert.Equal(trade, read);
        Assert.Equal("-0.10", read.Commission.ToString());
    }

    private static string WhatToDo(string name) => name.EndsWith(".state", StringComparison.Ordinal)
        ? $"The shape of '{name}' has changed, but stored snapshots have the old one. Raise SnapshotSchema of its behaviour, so that those are ignored, "
            + $"run with ACCEPT_GOLDEN=1 and commit test-data/{name}.json."
        : $"The stored shape of '{name}' has changed, but journals hold the old one. Give the new shape a new name (…v2) and add an upcaster from the "
            + $"old; only if nothing with this name can have been stored yet, run with ACCEPT_GOLDEN=1 and commit test-data/{name}.json.";

    private static bool IsAccepting => Environment.GetEnvironmentVariable("ACCEPT_GOLDEN") == "1";

    private static string Folder { get; } = FindFolder();

    private static string Shown(byte[] payload) => JsonNode.Parse(payload)!.ToJsonString(Readable) + "\n";

    private static string FindFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TradeActors.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "tests", "TradeActors.Entities.Tests", "test-data");
    }
}
