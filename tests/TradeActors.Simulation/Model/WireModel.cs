using System.Runtime.CompilerServices;
using System.Text.Json;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.Model;

/// <summary>What entities say to each other: never anything to another tenant's, and under one number always the same.</summary>
internal sealed class WireModel(StoredTypes types)
{
    private readonly Dictionary<(EntityId From, EntityId To, string Lane, long Number), ulong> _said = [];
    private readonly ConditionalWeakTable<object, object> _terms = [];
    private readonly ConditionalWeakTable<object, object> _messages = [];

    public void Sent(Envelope envelope) => Check(
        envelope.From, envelope.To, envelope.Lane, envelope.Number, unchecked((HashOfMessage(envelope.Message) * 31) + (ulong)envelope.Previous));

    /// <returns>The members to which it has not been sent before.</returns>
    public IEnumerable<FanOutMember> Sent(FanOutEnvelope envelope)
    {
        var hash = HashOfMessage(envelope.Message);
        return [.. envelope.Members.Where(member => Check(
            envelope.From, member.To, member.Lane, envelope.Number, unchecked((hash * 31) + HashOf(member.Terms) + (ulong)member.Previous)))];
    }

    /// <returns>Whether it is said for the first time.</returns>
    private bool Check(EntityId from, EntityId to, string lane, long number, ulong said)
    {
        if (!MayKnow(from.Tenant, to.Tenant))
        {
            throw new SimulationFailure("TenantsAreWalls", $"{from} sends {lane}#{number} to {to}.");
        }

        if (_said.TryAdd((from, to, lane, number), said))
        {
            return true;
        }

        return _said[(from, to, lane, number)] == said
            ? false
            : throw new SimulationFailure("RepeatsSayTheSame", $"{from} sends {lane}#{number} to {to} again, and says something else.");
    }

    /// <summary>Only operations of the installation concern several tenants.</summary>
    public static bool MayKnow(string tenant, string other) => tenant == other || tenant == Operation.InstallationTenant || other == Operation.InstallationTenant;

    private ulong HashOfMessage(object message) => (ulong)_messages.GetValue(message, key => Hash(types.Encode(key).Payload, 0));

    /// <summary>By content: equal for equal JSON.</summary>
    public ulong HashOf(object? terms) => terms is null ? 0 : (ulong)_terms.GetValue(terms, key => Hash(JsonSerializer.SerializeToUtf8Bytes(key, key.GetType()), 0));

    private static ulong Hash(byte[] bytes, ulong seed)
    {
        var hash = 14695981039346656037UL ^ seed;
        foreach (var b in bytes)
        {
            hash = unchecked((hash ^ b) * 1099511628211UL);
        }

        return hash;
    }
}
