using System.Globalization;
using System.Text;

namespace TradeActors.Domain.Signals;

internal enum SignalFieldKind { Null, Text, Number, Boolean, Composite }

/// <param name="Key">As the sender wrote it, for error texts.</param>
/// <param name="Text">Decoded text, or the raw token of a number or boolean; empty for null, objects and arrays.</param>
internal sealed record SignalField(string Key, SignalFieldKind Kind, string Text);

/// <summary>The fields of one body by name, read by type. What cannot be read is collected, so that a sender hears of every fault at once.</summary>
/// <remarks>
/// Names are compared without regard to case, spaces, <c>_</c> and <c>-</c>. A field of an inner object has a dotted name, so that
/// <c>{"strategy":{"order_action":…}}</c> is found as <c>strategy.orderaction</c>. The getters take names in that folded form; several names are
/// synonyms, which may be given together only if they agree. A field that is null counts as absent.
/// </remarks>
internal sealed class SignalFields
{
    /// <summary>No known name is longer. Bounds what a body with long keys around many small fields can make us hold.</summary>
    private const int LongestPath = 64;
    private const int MostErrors = 8;

    private static readonly string[] IsoFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    private readonly Dictionary<string, SignalField> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _errors = [];

    private readonly List<string> _notBuilt = [];

    /// <summary>What the body asks of an entry and is not built yet, as sentences; null for nothing.</summary>
    public string? NotBuilt => _notBuilt.Count == 0 ? null : string.Join(' ', _notBuilt);

    /// <summary>The faults so far, up to eight; null if there is none.</summary>
    public string? Error => _errors.Count == 0 ? null : string.Join(' ', _errors);

    public static SignalFields Unreadable(string error)
    {
        var fields = new SignalFields();
        fields.Fail(error);
        return fields;
    }

    /// <summary>Adds a fault, once, unless enough are known: a body may have thousands, and its sender reads a few.</summary>
    public void Fail(string error)
    {
        if (_errors.Count < MostErrors && !_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    /// <summary>Notes a field that asks for what is not built yet. See <see cref="AsksFor"/>.</summary>
    public void NoteUnbuilt(string name, params ReadOnlySpan<string> harmless)
    {
        if (AsksFor(name, harmless))
        {
            NoteNotBuilt($"{KeyOf(name)} is not built yet. Leave it out.");
        }
    }

    /// <summary>Whether a field asks for something: it is there, and neither blank, 0, false nor one of the harmless words.</summary>
    public bool AsksFor(string name, params ReadOnlySpan<string> harmless) => Find(name) is { } field && !AsksNothing(field, harmless);

    public void NoteNotBuilt(string sentence)
    {
        if (_notBuilt.Count < MostErrors && !_notBuilt.Contains(sentence))
        {
            _notBuilt.Add(sentence);
        }
    }

    private static bool AsksNothing(SignalField field, ReadOnlySpan<string> harmless)
    {
        var word = Fold(field.Text);
        return field.Kind != SignalFieldKind.Composite
            && (word is "" or "false" or "no" or "none" or "null" || harmless.Contains(word)
                || (ExactDecimal.Parse(field.Text.Trim(), out var number) == ExactDecimal.Outcome.Exact && number == 0m));
    }

    /// <summary>The folded name of a key in the object named <paramref name="parent"/> ("" is the body itself); null where none is kept.</summary>
    public static string? PathOf(string? parent, string key)
    {
        if (parent is null)
        {
            return null;
        }

        var folded = Fold(key);
        return parent.Length == 0 ? folded : parent.Length + folded.Length < LongestPath ? $"{parent}.{folded}" : null;
    }

    public static string Fold(string key)
    {
        var folded = new StringBuilder(key.Length);
        foreach (var c in key)
        {
            if (c is not ('_' or '-') && !char.IsWhiteSpace(c))
            {
                folded.Append(char.ToLowerInvariant(c));
            }
        }

        return folded.ToString();
    }

    public void Add(string path, SignalField field)
    {
        if (!_fields.TryAdd(path, field))
        {
            var first = _fields[path].Key;
            Fail($"The key {SignalText.Quote(field.Key)} stands there twice"
                + (first == field.Key ? "." : $", first as {SignalText.Quote(first)}.") + " Give it once.");
        }
    }

    /// <summary>The field of that name, unless absent or null.</summary>
    public SignalField? Find(string name) => _fields.TryGetValue(name, out var field) && field.Kind != SignalFieldKind.Null ? field : null;

    /// <summary>Whether the name stands there, be it with null.</summary>
    public bool IsNamed(string name) => _fields.ContainsKey(name);

    public bool HasAny(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Find(name) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A number, or a text that is one.</summary>
    public decimal? Number(params ReadOnlySpan<string> names) => Agreed<decimal>(names, ToNumber);

    /// <summary>A price: a number other than 0.</summary>
    public decimal? Price(params ReadOnlySpan<string> names)
    {
        var price = Number(names);
        if (price == 0m)
        {
            Fail($"{KeyOf(names)} is 0, which is not a price. Leave it out where there is none.");
        }

        return price;
    }

    /// <summary>A number above 0; one of 0 counts as absent, as in formats whose templates fill what is not used with it.</summary>
    public decimal? Positive(params ReadOnlySpan<string> names)
    {
        var number = Number(names);
        if (number < 0m)
        {
            Fail($"{KeyOf(names)} is below 0. Give it as an amount above 0, or leave it out.");
        }

        return number > 0m ? number : null;
    }

    /// <summary>The number in the first of these fields that holds one; nothing else is looked at, and nothing is reported.</summary>
    public decimal? FirstNumber(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Find(name) is { Kind: SignalFieldKind.Number or SignalFieldKind.Text } field
                && ExactDecimal.Parse(field.Text.Trim(), out var number) == ExactDecimal.Outcome.Exact && number != 0m)
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>A yes or no: true, yes, 1, on, or false, no, 0, off, as a JSON value or a text. Null where it is absent or blank.</summary>
    public bool? Flag(string name)
    {
        if (Find(name) is not { } field || Fold(field.Text) is "" && field.Kind != SignalFieldKind.Composite)
        {
            return null;
        }

        switch (field.Kind == SignalFieldKind.Composite ? "" : Fold(field.Text))
        {
            case "true" or "yes" or "1" or "on":
                return true;
            case "false" or "no" or "0" or "off":
                return false;
            default:
                Fail($"{SignalText.Quote(field.Key)} must be true or false.");
                return null;
        }
    }

    /// <summary>A text or number as trimmed text. Blank counts as absent.</summary>
    public string? Text(int longest, params ReadOnlySpan<string> names) => AgreedText(names, (field, scalar) =>
    {
        if (scalar.Length > longest)
        {
            Fail($"{SignalText.Quote(field.Key)} is longer than {longest} characters. Shorten it.");
            return null;
        }

        if (scalar.Any(char.IsControl))
        {
            Fail($"{SignalText.Quote(field.Key)} contains a control character. Remove it.");
            return null;
        }

        return scalar.Length == 0 ? null : scalar;
    });

    /// <summary>One of a set of words, compared as keys are.</summary>
    public T? Word<T>(Func<string, T?> read, string accepted, params ReadOnlySpan<string> names)
        where T : struct => Agreed(names, (field, scalar) =>
    {
        var word = read(Fold(scalar));
        if (word is null)
        {
            Fail($"{SignalText.Quote(field.Key)} is {SignalText.Quote(scalar)}. It must be one of {accepted}.{SmartQuoteHint(scalar)}");
        }

        return word;
    });

    /// <summary>A point in time: ISO 8601 (UTC where it names no offset), or Unix time in seconds (10 digits) or milliseconds (13).</summary>
    public DateTimeOffset? Instant(params ReadOnlySpan<string> names) => Agreed<DateTimeOffset>(names, (field, scalar) =>
    {
        if (scalar.Length is 10 or 13 && long.TryParse(scalar, NumberStyles.None, CultureInfo.InvariantCulture, out var unix))
        {
            return scalar.Length == 10 ? DateTimeOffset.FromUnixTimeSeconds(unix) : DateTimeOffset.FromUnixTimeMilliseconds(unix);
        }

        if (DateTimeOffset.TryParseExact(scalar, IsoFormats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant))
        {
            return instant;
        }

        Fail($"{SignalText.Quote(field.Key)} is {SignalText.Quote(scalar)}, which is not a time. Write it as 2026-05-01T13:30:00Z.");
        return null;
    });

    /// <summary>The first of these keys as the sender wrote it, in quotation marks.</summary>
    public string KeyOf(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Find(name) is { } field)
            {
                return SignalText.Quote(field.Key);
            }
        }

        return SignalText.Quote(names[0]);
    }

    private decimal? ToNumber(SignalField field, string scalar)
    {
        switch (ExactDecimal.Parse(scalar, out var value))
        {
            case ExactDecimal.Outcome.Exact:
                return value;
            case ExactDecimal.Outcome.NotExact:
                Fail($"{SignalText.Quote(field.Key)} is {SignalText.Quote(scalar)}, which cannot be held exactly. "
                    + $"Give at most {ExactDecimal.MaxSignificantDigits} significant digits.");
                return null;
            default:
                Fail($"{SignalText.Quote(field.Key)} is {SignalText.Quote(scalar)}, which is not a number. "
                    + $"Write it like 1250.75, with a point and no separators, or leave the key out.{SmartQuoteHint(scalar)}");
                return null;
        }
    }

    private static string SmartQuoteHint(string scalar) => SignalText.HasSmartQuotes(scalar) ? " It contains smart quotes." : "";

    private T? Agreed<T>(ReadOnlySpan<string> names, Func<SignalField, string, T?> read)
        where T : struct
    {
        T? agreed = null;
        SignalField? first = null;
        foreach (var name in names)
        {
            if (Scalar(name) is { } field && read(field, field.Text.Trim()) is { } value)
            {
                FailUnlessSame(first, field, agreed is null || EqualityComparer<T>.Default.Equals(agreed.Value, value));
                (agreed, first) = (agreed ?? value, first ?? field);
            }
        }

        return agreed;
    }

    private string? AgreedText(ReadOnlySpan<string> names, Func<SignalField, string, string?> read)
    {
        string? agreed = null;
        SignalField? first = null;
        foreach (var name in names)
        {
            if (Scalar(name) is { } field && read(field, field.Text.Trim()) is { } value)
            {
                FailUnlessSame(first, field, agreed is null || string.Equals(agreed, value, StringComparison.OrdinalIgnoreCase));
                (agreed, first) = (agreed ?? value, first ?? field);
            }
        }

        return agreed;
    }

    private void FailUnlessSame(SignalField? first, SignalField second, bool same)
    {
        if (!same)
        {
            Fail($"{SignalText.Quote(first!.Key)} and {SignalText.Quote(second.Key)} mean the same but differ. Give one of them.");
        }
    }

    private SignalField? Scalar(string name)
    {
        switch (Find(name))
        {
            case { Kind: SignalFieldKind.Composite } field:
                Fail($"{SignalText.Quote(field.Key)} is an object or an array. It must be a single value.");
                return null;
            case { Kind: SignalFieldKind.Boolean } field:
                Fail($"{SignalText.Quote(field.Key)} is {field.Text}. It must be a text or a number.");
                return null;
            case var field:
                return field;
        }
    }
}
