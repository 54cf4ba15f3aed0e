using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Auth;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Node.Demo;

/// <summary>What a person needs to use the demo tenant.</summary>
/// <param name="Id">Of the demo: part of its tenant's name, so that it cannot meet another.</param>
internal sealed record DemoAccess(string Id, string Email, string Password, string WebhookToken);

/// <summary>
/// Makes the demo tenant at the first start: an owner (who is also the operator), two paper accounts, and a recorder that trades both. Every step may
/// be repeated, so a crash in the middle is finished at the next start.
/// </summary>
internal sealed class DemoTenant(
    IEntityGateway gateway, IUserStore users, IPasswordHasher<Member> hasher, IBrokerAdapter paper, TimeProvider time, string dataDirectory)
{
    private const string Tenant = "demo";
    private const string RecorderId = "demorecorder";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private string AccessFile => Path.Combine(dataDirectory, "demo.json");

    private string UnfinishedFile => Path.Combine(dataDirectory, "demo.unfinished.json");

    /// <returns>The access data and whether the tenant was made just now; null when the installation has users but no demo.</returns>
    public async Task<(DemoAccess Access, bool IsNew)?> EnsureAsync(CancellationToken ct)
    {
        if (File.Exists(AccessFile))
        {
            return (await ReadAsync(AccessFile, ct), false);
        }

        if (!File.Exists(UnfinishedFile))
        {
            if (await users.AnyAsync(ct))
            {
                return null;
            }

            await WriteAsync(Invent(), ct);
        }

        var access = await ReadAsync(UnfinishedFile, ct);
        await MakeAsync(access, ct);
        File.Move(UnfinishedFile, AccessFile);
        return (access, true);
    }

    private static DemoAccess Invent() => new(
        Tenant,
        "demo@tradeactors.example",
        RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16),
        RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", 43));

    private async Task MakeAsync(DemoAccess access, CancellationToken ct)
    {
        var owner = new UserRecord("demouser", Tenant, access.Email, "", "owner", time.GetUtcNow());
        await users.RegisterAsync(new TenantRecord(Tenant, "Demo", owner.CreatedAt, IsApproved: true), owner with { PasswordHash = hasher.HashPassword(new Member(owner), access.Password) }, ct);
        await OpenAccountAsync("demopaper1", "Demo paper 1", 1, ct);
        await OpenAccountAsync("demopaper2", "Demo paper 2", 2, ct);
        var recorder = new EntityId(Tenant, EntityKind.Recorder, RecorderId);
        var settings = new Settings(new SizingSettings(Initial: 1m, Add: 1m, SizingUnit.Contracts));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(access.WebhookToken)));
        await gateway.AskAsync(recorder, new CreateRecorder("Demo recorder", "MES", settings, hash), ct);
        await SubscribeAsync(recorder, "demosub1", "demopaper1", 1m, ct);
        await SubscribeAsync(recorder, "demosub2", "demopaper2", 2m, ct);
    }

    private async Task OpenAccountAsync(string key, string name, ulong seed, CancellationToken ct)
    {
        var settings = new PaperSettings(StartingBalance: 100_000m, Seed: seed, CommissionPerUnit: 0.62m);
        await gateway.AskAsync(
            new EntityId(Tenant, EntityKind.Account, key),
            new OpenAccount(
                name, settings.Currency, settings.StartingBalance, AccountLimits.None, new EntityId(Tenant, EntityKind.Connection, key),
                new BrokerSettings(paper.Name, settings), paper.Traits),
            ct);
    }

    private async Task SubscribeAsync(EntityId recorder, string id, string account, decimal multiplier, CancellationToken ct)
    {
        var accountId = new EntityId(Tenant, EntityKind.Account, account);
        var stored = (SubscriptionStored)await gateway.AskAsync(recorder, new PutSubscription(id, accountId, multiplier, true, null), ct);
        await gateway.AskAsync(accountId, new SetSubscription(id, recorder.Key, stored.Version, true), ct);
    }

    private async Task WriteAsync(DemoAccess access, CancellationToken ct)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(UnfinishedFile, options);
        await JsonSerializer.SerializeAsync(file, access, Json, ct);
    }

    private static async Task<DemoAccess> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return (await JsonSerializer.DeserializeAsync<DemoAccess>(file, Json, ct))!;
    }
}
