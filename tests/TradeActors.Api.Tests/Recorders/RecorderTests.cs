using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Recorders;

[Collection(Shared.Name)]
public sealed class RecorderTests(SharedNode shared)
{
    private const string Recorders = "/api/v1/recorders";

    private const string RecorderShape =
        "id:string name:string symbol:string? settings:object settingsVersion:integer state:string held:array signals:integer lastReceivedAt:time? createdAt:time "
        + "previousTokenUntil:time? signingSecretId:string? previousSecretUntil:time? silentSince:time?";

    [Fact]
    public async Task A_new_recorder_shows_its_token_once_and_has_the_shape_of_the_contract()
    {
        var client = await shared.Node.NewTenantAsync();
        const string Settings =
            """{"sizing":{"initial":2,"add":1,"unit":"contracts"},"filters":{"direction":"longOnly"},"entryMaxAgeSeconds":60,"dedupWindowSeconds":0,"inverse":false,"blocked":false}""";
        var created = await client.PostAsync(Recorders, $$"""{"name":" Breakout ","symbol":"ES","settings":{{Settings}}}""");
        Shape.Is(created.Is(201).Json, "id:string name:string symbol:string webhookUrl:string webhookToken:string settings:object state:string");
        Assert.Equal(("Breakout", "ES", "active"), (created.Json.Text("name"), created.Json.Text("symbol"), created.Json.Text("state")));
        Assert.Equal(Settings, created.Json.GetProperty("settings").GetRawText());
        var token = created.Json.Text("webhookToken");
        Assert.Equal(new Uri(client.Address, $"/webhook/{token}").ToString(), created.Json.Text("webhookUrl"));

        var read = await client.GetAsync(created.Location!);
        Shape.Is(read.Is(200).Json, RecorderShape);
        var list = await client.GetAsync(Recorders);
        Shape.IsPage(list, RecorderShape);
        Assert.DoesNotContain(token, read.Text + list.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_addresses_follow_the_public_address_when_there_is_one()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path, configure: options => options.PublicAddress = "https://trade.example/");
        var recorder = await Given.RecorderAsync(await node.NewTenantAsync());
        Assert.Equal($"https://trade.example/webhook/{recorder.Text("webhookToken")}", recorder.Text("webhookUrl"));
    }

    [Fact]
    public async Task Changing_a_recorder_replaces_name_symbol_and_settings()
    {
        var client = await shared.Node.NewTenantAsync();
        var recorder = $"{Recorders}/{(await Given.RecorderAsync(client, settings: new { blocked = true })).Text("id")}";
        var changed = (await client.PutAsync(recorder, new { name = "New", settings = new { inverse = true } })).Is(200);
        Shape.Is(changed.Json, RecorderShape);
        Assert.Equal("New", changed.Json.Text("name"));
        Assert.False(changed.Json.Has("symbol"));
        Assert.Equal("""{"inverse":true}""", changed.Json.GetProperty("settings").GetRawText());
        Assert.Equal(2, changed.Json.GetProperty("settingsVersion").GetInt32());
        Assert.Equal(changed.Text, (await client.GetAsync(recorder)).Text);
    }

    [Fact]
    public async Task What_was_shown_as_settings_can_be_sent_back()
    {
        var client = await shared.Node.NewTenantAsync();
        var recorder = $"{Recorders}/{(await Given.RecorderAsync(client, settings: new { filters = new { direction = "longOnly" } })).Text("id")}";
        var shown = (await client.GetAsync(recorder)).Is(200).Json;
        var changed = (await client.PutAsync(recorder, new { name = "Again", symbol = "ES", settings = shown.GetProperty("settings") })).Is(200);
        Assert.Equal(shown.GetProperty("settings").GetRawText(), changed.Json.GetProperty("settings").GetRawText());
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("""{"name":"A","symbol":"NOPE"}""", "symbol")]
    [InlineData("""{"name":"A","settings":{"sizing":{"initial":0,"add":-1}}}""", "settings.sizing.initial", "settings.sizing.add")]
    [InlineData("""{"name":"A","settings":{"sizing":{"initial":120,"unit":"riskPercent"}}}""", "settings.sizing.initial")]
    [InlineData("""{"name":"A","settings":{"takeProfit":{"unit":"ticks","levels":[{"distance":-10,"percent":60},{"distance":20,"percent":50}]}}}""", "settings.takeProfit.levels[0].distance", "settings.takeProfit.levels")]
    [InlineData("""{"name":"A","settings":{"stopLoss":{"unit":"points","distance":5,"trailing":{"activation":1,"offset":2},"breakEven":{"activation":1,"offset":0}}}}""", "settings.stopLoss.trailing", "settings.stopLoss.breakEven")]
    [InlineData("""{"name":"A","settings":{"dca":{"enabled":true,"distance":4,"unit":"ticks","maxAdds":2}}}""", "settings.dca")]
    [InlineData("""{"name":"A","settings":{"filters":{"windows":[{"start":"08:30","end":"15:00","timeZone":"Chicago"}],"cooldownSeconds":-5}}}""", "settings.filters.windows[0].timeZone", "settings.filters.cooldownSeconds")]
    [InlineData("""{"name":"A","settings":{"filters":{"windows":[{"start":"08:30","end":"15:00","timeZone":"America/Chicago"},{"start":"14:00","end":"16:00","timeZone":"America/Chicago"}]}}}""", "settings.filters.windows[1]")]
    [InlineData("""{"name":"A","settings":{"filters":{"maxSignalsPerSession":-3,"maxDailyLoss":-100}}}""", "settings.filters.maxSignalsPerSession", "settings.filters.maxDailyLoss")]
    [InlineData("""{"name":"A","settings":{"filters":{"maxContractsPerTrade":-3,"everyNthSignal":-2,"symbols":["NOPE"]}}}""", "settings.filters.maxContractsPerTrade", "settings.filters.everyNthSignal", "settings.filters.symbols[0]")]
    [InlineData("""{"name":"A","settings":{"entryMaxAgeSeconds":0,"dedupWindowSeconds":-1}}""", "settings.entryMaxAgeSeconds", "settings.dedupWindowSeconds")]
    public async Task Settings_that_are_not_valid_or_not_built_yet_are_refused_field_by_field(string body, params string[] fields)
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.PostAsync(Recorders, body)).Invalid(fields);
        (await client.PutAsync($"{Recorders}/{(await Given.RecorderAsync(client)).Text("id")}", body)).Invalid(fields);
        Assert.Single((await client.GetAsync(Recorders)).Items);
    }

    [Fact]
    public async Task A_paused_recorder_refuses_entries_and_passes_exits()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        var (recorder, hook) = ($"{Recorders}/{created.Text("id")}", $"/webhook/{created.Text("webhookToken")}");
        (await client.PostAsync(hook, """{"action":"buy"}""")).Is(200);
        var paused = (await client.PostAsync($"{recorder}/pause")).Is(200).Json;
        Shape.Is(paused, RecorderShape);
        Assert.Equal("paused", paused.Text("state"));

        var refused = (await client.PostAsync(hook, """{"action":"sell"}""")).Is(200).Json;
        Assert.Equal("accepted", refused.Text("state")); // The reduction passes, the entry behind it does not.
        Assert.Empty((await client.GetAsync(recorder)).Json.List("held"));
        refused = (await client.PostAsync(hook, """{"action":"sell","quantity":2}""")).Is(200).Json;
        Assert.Equal(("rejected", "Paused"), (refused.Text("state"), refused.Text("reason")));

        Assert.Equal("active", (await client.PostAsync($"{recorder}/resume")).Is(200).Json.Text("state"));
        Assert.Equal("accepted", (await client.PostAsync(hook, """{"action":"sell","quantity":3}""")).Is(200).Json.Text("state"));
    }

    [Fact]
    public async Task A_new_webhook_token_ends_the_old_one()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        var replaced = (await client.PostAsync($"{Recorders}/{created.Text("id")}/webhook-token")).Is(200).Json;
        Shape.Is(replaced, "webhookUrl:string webhookToken:string");
        Assert.NotEqual(created.Text("webhookToken"), replaced.Text("webhookToken"));
        (await client.PostAsync($"/webhook/{created.Text("webhookToken")}", """{"action":"buy"}""")).Problem(404, "unknown-token");
        (await client.PostAsync(replaced.Text("webhookUrl"), """{"action":"buy"}""")).Is(200);
    }

    [Fact]
    public async Task A_replaced_token_counts_until_its_grace_ends_and_can_be_ended_before()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        var (recorder, oldHook) = ($"{Recorders}/{created.Text("id")}", $"/webhook/{created.Text("webhookToken")}");
        var replaced = (await client.PostAsync($"{recorder}/webhook-token", new { graceSeconds = 3600 })).Is(200).Json;
        Shape.Is(replaced, "webhookUrl:string webhookToken:string previousTokenUntil:time");
        Assert.InRange((replaced.GetProperty("previousTokenUntil").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalSeconds, 3500, 3600);
        Assert.Equal(replaced.Text("previousTokenUntil"), (await client.GetAsync(recorder)).Json.Text("previousTokenUntil"));
        (await client.PostAsync(oldHook, """{"action":"buy"}""")).Is(200);
        (await client.PostAsync(replaced.Text("webhookUrl"), """{"action":"close"}""")).Is(200);

        var ended = (await client.DeleteAsync($"{recorder}/webhook-token/previous")).Is(200).Json;
        Shape.Is(ended, RecorderShape);
        Assert.False(ended.Has("previousTokenUntil"));
        (await client.PostAsync(oldHook, """{"action":"buy"}""")).Problem(404, "unknown-token");
        (await client.PostAsync(replaced.Text("webhookUrl"), """{"action":"sell"}""")).Is(200);
    }

    [Fact]
    public async Task The_end_of_a_grace_comes_by_itself()
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        var recorder = $"{Recorders}/{created.Text("id")}";
        (await client.PostAsync($"{recorder}/webhook-token", new { graceSeconds = 1 })).Is(200);
        await Wait.UntilAsync(
            "the end of the grace", async () => (await client.GetAsync(recorder)).Is(200).Json, json => !json.Has("previousTokenUntil"));
        (await client.PostAsync($"/webhook/{created.Text("webhookToken")}", """{"action":"buy"}""")).Problem(404, "unknown-token");
    }

    [Fact]
    public async Task Silence_is_shown_until_the_next_signal()
    {
        using var data = new TempData();
        var time = new ShiftedTime();
        await using var node = await TestNode.StartAsync(data.Path, time, nodeTime: time);
        var client = await node.NewTenantAsync();
        var created = await Given.RecorderAsync(client, settings: new { silenceAlarmMinutes = 30 });
        var recorder = $"{Recorders}/{created.Text("id")}";
        (await client.PostAsync(created.Text("webhookUrl"), """{"action":"buy"}""")).Is(200);
        time.Ahead = TimeSpan.FromMinutes(29);
        (await client.PostAsync($"{recorder}/pause")).Is(200);
        Assert.False((await client.GetAsync(recorder)).Json.Has("silentSince"));

        time.Ahead = TimeSpan.FromMinutes(31);
        var other = (await Given.RecorderAsync(client)).Text("id");
        var silent = await Wait.UntilAsync(
            "the alarm",
            async () =>
            {
                (await client.PostAsync($"{Recorders}/{other}/pause")).Is(200); // The node looks at its clock with every message.
                return (await client.GetAsync(recorder)).Is(200).Json;
            },
            json => json.Has("silentSince"));
        Shape.Is(silent, RecorderShape);
        Assert.Equal(silent.Text("lastReceivedAt"), silent.Text("silentSince"));
        (await client.PostAsync(created.Text("webhookUrl"), """{"action":"close"}""")).Is(200);
        Assert.False((await client.GetAsync(recorder)).Json.Has("silentSince"));
        (await client.PutAsync(recorder, new { name = "A", settings = new { silenceAlarmMinutes = -1 } })).Invalid("settings.silenceAlarmMinutes");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2_592_001)]
    public async Task A_grace_that_is_no_time_is_refused(int graceSeconds)
    {
        var client = await shared.Node.NewTenantAsync();
        var created = await Given.RecorderAsync(client);
        (await client.PostAsync($"{Recorders}/{created.Text("id")}/webhook-token", new { graceSeconds })).Invalid("graceSeconds");
        (await client.PostAsync(created.Text("webhookUrl"), """{"action":"buy"}""")).Is(200);
    }
}
