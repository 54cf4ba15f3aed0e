using System.Globalization;

namespace TradeActors.Node.Configuration;

/// <summary>One key that this program reads: its default, what it may hold and what it means.</summary>
/// <param name="key">Below <c>tradeactors</c>, with <c>:</c> between the levels.</param>
/// <param name="standard">As one would write it; null for none.</param>
/// <param name="meaning">For people, with the unit, in one line.</param>
internal abstract class Setting(string key, string? standard, string meaning)
{
    public const string Root = "tradeactors";

    public string Key { get; } = $"{Root}:{key}";

    public string? Default { get; } = standard;

    public string Meaning { get; } = meaning;

    /// <summary>Shown in front of the meaning: what may be written, where the meaning does not say it.</summary>
    public virtual string? Choices => null;

    /// <summary>Whether it is read as texts with commas, or one by one as <c>key:0</c>, <c>key:1</c> and so on.</summary>
    public virtual bool IsList => false;

    /// <summary>False for a value that may hold a secret, which no message repeats.</summary>
    public virtual bool IsShown => true;

    /// <summary>It says which files are read, and so cannot stand in one.</summary>
    public bool IsReadBeforeFiles { get; init; }

    /// <summary>What is wrong with a text and what to write instead, as the end of a sentence that begins with the key; null when it can be read.</summary>
    public abstract string? ProblemOf(string text);
}

/// <inheritdoc/>
internal abstract class Setting<T>(string key, string? standard, string meaning) : Setting(key, standard, meaning)
{
    /// <param name="text">One without a problem; null when nothing is set and there is no default.</param>
    public abstract T Parse(string? text);
}

internal sealed class FlagSetting(string key, bool standard, string meaning) : Setting<bool>(key, standard ? "true" : "false", meaning)
{
    public override string Choices => "true | false";

    public override string? ProblemOf(string text) => bool.TryParse(text, out _) ? null : "must be true or false.";

    public override bool Parse(string? text) => bool.Parse(text!);
}

internal sealed class NumberSetting(string key, int standard, int least, int most, string meaning)
    : Setting<int>(key, standard.ToString(CultureInfo.InvariantCulture), meaning)
{
    public override string Choices => $"{least} to {most}";

    public override string? ProblemOf(string text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? null
        : $"must be a whole number from {least} to {most}.";

    public override int Parse(string? text) => int.Parse(text!, NumberStyles.Integer, CultureInfo.InvariantCulture);
}

internal sealed class RatioSetting(string key, double standard, double most, string meaning)
    : Setting<double>(key, standard.ToString(CultureInfo.InvariantCulture), meaning)
{
    public override string Choices => string.Create(CultureInfo.InvariantCulture, $"0 to {most}");

    public override string? ProblemOf(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= 0 && value <= most ? null
        : string.Create(CultureInfo.InvariantCulture, $"must be a number from 0 to {most}, such as 0.5.");

    public override double Parse(string? text) => double.Parse(text!, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
}

/// <summary>One of some words. Upper and lower case do not count.</summary>
/// <param name="later">Words of the design that this version cannot do yet.</param>
internal sealed class ChoiceSetting(string key, string? standard, string[] allowed, string[] later, string meaning) : Setting<string>(key, standard, meaning)
{
    public override string Choices => string.Join(" | ", allowed);

    public override string? ProblemOf(string text)
    {
        var word = text.ToLowerInvariant();
        return allowed.Contains(word, StringComparer.Ordinal) ? null
            : $"{(later.Contains(word, StringComparer.Ordinal) ? "is not built yet in this version" : "is not known")}. Use {string.Join(" or ", allowed)}.";
    }

    public override string Parse(string? text) => text?.ToLowerInvariant() ?? "";
}

/// <summary>A flag whose default depends on other settings.</summary>
internal sealed class OptionalFlagSetting(string key, string meaning) : Setting<bool?>(key, standard: null, meaning)
{
    public override string Choices => "true | false";

    public override string? ProblemOf(string text) => bool.TryParse(text, out _) ? null : "must be true or false.";

    public override bool? Parse(string? text) => text is null ? null : bool.Parse(text);
}

/// <summary>Any text that is a path.</summary>
internal sealed class PathSetting(string key, string? standard, string meaning) : Setting<string?>(key, standard, meaning)
{
    public override string? ProblemOf(string text) => text.Contains('\0', StringComparison.Ordinal) ? "must be a path." : null;

    public override string? Parse(string? text) => text;
}

/// <summary>A name that stands in rows and log lines.</summary>
internal sealed class NameSetting(string key, string meaning) : Setting<string?>(key, standard: null, meaning)
{
    private const int Most = 100;

    public override string? ProblemOf(string text) => text.Length <= Most && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? null
        : $"must be a name of at most {Most} letters, digits and signs without blanks.";

    public override string? Parse(string? text) => text;
}

/// <summary>A name that begins the names of other things.</summary>
internal sealed class PrefixSetting(string key, string standard, string meaning) : Setting<string>(key, standard, meaning)
{
    private const int Most = 50;

    public override string? ProblemOf(string text) =>
        text.Length <= Most && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-') ? null
        : $"must be at most {Most} letters, digits, dots and dashes.";

    public override string Parse(string? text) => text!;
}

/// <summary>An address that is printed, and so must not hold a password.</summary>
internal sealed class AddressSetting(string key, string meaning) : Setting<string?>(key, standard: null, meaning)
{
    public override bool IsShown => false;

    public override string? ProblemOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" } ? null
        : "must be an address such as https://desk.example:8443, without user, password or query.";

    public override string? Parse(string? text) => text;
}

/// <param name="problemOf">As <see cref="Setting.ProblemOf"/>, for one item.</param>
internal sealed class ListSetting(string key, Func<string, string?> problemOf, string meaning) : Setting<IReadOnlyList<string>>(key, standard: "", meaning)
{
    public override bool IsList => true;

    public override bool IsShown => !IsSecret;

    public bool IsSecret { get; init; }

    public override string? ProblemOf(string text) => Parse(text).Select(problemOf).FirstOrDefault(problem => problem is not null);

    public override IReadOnlyList<string> Parse(string? text) => text!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
