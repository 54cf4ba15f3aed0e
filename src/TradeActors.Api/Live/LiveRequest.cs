using System.Collections.Immutable;
using System.Text.Json;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Live;

/// <summary>What a client wants to hear of, or no longer.</summary>
/// <param name="After">By topic: the last sequence that the client has. A topic that is not named here begins with a snapshot.</param>
public sealed record LiveRequest(string[]? Accounts, string[]? Recorders, string[]? Symbols, Dictionary<string, long>? After)
{
    /// <exception cref="ApiProblemException">It is no such request.</exception>
    internal static LiveRequest Parse(JsonElement json, JsonSerializerOptions options)
    {
        var request = Read(json, options);
        var errors = new FieldErrors();
        Check(request.Accounts, "accounts", errors);
        Check(request.Recorders, "recorders", errors);
        Check(request.Symbols, "symbols", errors);
        errors.ThrowIfAny();
        var topics = request.Topics("").Select(watched => watched.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (topic, seq) in request.After ?? [])
        {
            errors.Require(topics.Contains(topic), $"after.{topic}", "Is not the topic of an account or recorder of this call: account:{id} or recorder:{id}.")
                .Require(seq >= 0, $"after.{topic}", "Must be the sequence of an event, or 0 for the beginning.");
        }

        errors.ThrowIfAny();
        return request;
    }

    internal ImmutableArray<Watched> Topics(string tenant) =>
        [.. Distinct(Accounts).Select(id => new Watched(tenant, EntityKind.Account, id)), .. Distinct(Recorders).Select(id => new Watched(tenant, EntityKind.Recorder, id))];

    /// <summary>By each symbol as it was asked for: the contract that it means now.</summary>
    /// <exception cref="ApiProblemException">404 for a symbol that is not known.</exception>
    internal Dictionary<string, string> Contracts(DateTimeOffset now) =>
        Distinct(Symbols).ToDictionary(symbol => symbol, symbol => Live.Symbols.ContractOf(symbol, now));

    private static LiveRequest Read(JsonElement json, JsonSerializerOptions options)
    {
        try
        {
            return json.Deserialize<LiveRequest>(options)
                ?? throw ApiProblemException.Malformed("Give one object, with any of accounts, recorders, symbols and after.");
        }
        catch (JsonException error)
        {
            throw ApiProblemException.Malformed(JsonTrouble.Explain(error));
        }
    }

    private static void Check(string[]? names, string field, FieldErrors errors) =>
        errors.Require(names is null || names.All(name => !string.IsNullOrWhiteSpace(name)), field, "Must be a list of texts, none of them empty.");

    private static IEnumerable<string> Distinct(string[]? names) => (names ?? []).Distinct(StringComparer.Ordinal);
}
