namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>Reads one file of the HOCON specification (HOCON.md, read 2026-11) into nodes. Substitutions stay what they are.</summary>
internal sealed class Parser
{
    /// <summary>Objects, lists and path elements within each other.</summary>
    public const int MostLevels = 100;

    private static readonly string[] UnreachableIncludes = ["url", "classpath", "package"];

    private readonly Cursor _at;
    private readonly SourceFiles _files;
    private readonly IReadOnlyList<string> _prefix;
    private int _levels;

    /// <param name="prefix">The path of the object that this file is included in.</param>
    private Parser(Cursor at, SourceFiles files, IReadOnlyList<string> prefix) => (_at, _files, _prefix, _levels) = (at, files, prefix, prefix.Count);

    /// <exception cref="HoconException">The text is not HOCON, or not an object.</exception>
    public static ObjectNode Parse(string file, string text, SourceFiles files, IReadOnlyList<string> prefix) =>
        new Parser(new Cursor(file, text), files, prefix).TakeFile();

    private ObjectNode TakeFile()
    {
        _at.SkipBlanks();
        var root = new ObjectNode(_at.Here);
        switch (_at.Current)
        {
            case '[':
                throw _at.Error("The file holds a list. Settings are an object: give the list a key, such as items = [ … ].");
            case '{':
                root = TakeObject([]);
                _at.SkipBlanks();
                return _at.IsAtEnd ? root
                    : throw _at.Error($"The file's object has ended, and here is {_at.Describe()}. Remove the braces around the file, or what follows.");
            default:
                TakeFields(root, [], open: null);
                return root;
        }
    }

    /// <param name="path">From the root of this file; null inside a list, where no path leads.</param>
    private ObjectNode TakeObject(string[]? path)
    {
        var open = _at.Here;
        _at.Advance();
        var node = new ObjectNode(open);
        TakeFields(node, path, open);
        return node;
    }

    /// <param name="open">The brace to be closed; null when the file itself is the object.</param>
    private void TakeFields(ObjectNode into, string[]? path, HoconLocation? open)
    {
        _at.SkipBlanks();
        while (!IsAtFieldsEnd(open))
        {
            TakeField(into, path);
            TakeSeparator('}', "two settings");
        }

        if (open is not null)
        {
            _at.Advance();
        }
    }

    private bool IsAtFieldsEnd(HoconLocation? open) => (_at.IsAtEnd, _at.Current, open) switch
    {
        (true, _, { } brace) => throw new HoconException(brace, "This brace is not closed. Add a } at the end of the object."),
        (true, _, null) => true,
        (_, '}', null) => throw _at.Error("There is no open brace that this } closes. Remove it, or add the { it belongs to."),
        (_, '}', _) => true,
        _ => false,
    };

    /// <summary>Between two values: a comma or a line end. One comma may follow the last.</summary>
    private void TakeSeparator(char close, string between)
    {
        var hasLineEnded = _at.SkipBlanks();
        if (_at.Current == ',')
        {
            _at.Advance();
            _at.SkipBlanks();
        }
        else if (!hasLineEnded && !_at.IsAtEnd && _at.Current != close)
        {
            throw _at.Error(
                $"Between {between} there must be a comma or a line end, and here is {_at.Describe()}. Text that holds this character must be in quotes.");
        }
    }

    private void TakeField(ObjectNode into, string[]? path)
    {
        if (_at.Current == ',')
        {
            throw _at.Error("There is a comma too many. One stands between two settings or after the last.");
        }

        if (IsAtInclude())
        {
            TakeInclude(into, path);
            return;
        }

        var at = _at.Here;
        var key = Paths.Take(_at);
        Enter(key.Length);
        string[]? full = path is null ? null : [.. path, .. key];
        _at.SkipBlanks();
        into.Assign(key, TakeFieldValue(key, full, at));
        _levels -= key.Length;
    }

    private Node TakeFieldValue(string[] key, string[]? full, HoconLocation at)
    {
        if (_at.StartsWith("+="))
        {
            _at.Advance(2);
            _at.SkipBlanks();
            return Added(TakeValue(path: null), full, at);
        }

        if (_at.Current is ':' or '=')
        {
            _at.Advance();
            _at.SkipBlanks();
        }
        else if (_at.Current != '{')
        {
            throw _at.Error($"After the key '{string.Join('.', key)}' comes =, :, += or {{, and here is {_at.Describe()}.");
        }

        return TakeValue(full);
    }

    /// <summary><c>a += b</c> is <c>a = ${?a} [b]</c>.</summary>
    private ConcatNode Added(Node value, string[]? full, HoconLocation at) => full is null
        ? throw new HoconException(at, "+= cannot be used inside a list, where no path leads to the earlier value. Write the whole list with =.")
        : new ConcatNode(value.At, [Substitution(at, full, SubstitutionKind.Optional | SubstitutionKind.Earlier), new ListNode(value.At, [value])]);

    private SubstitutionNode Substitution(HoconLocation at, string[] path, SubstitutionKind kind) => new(at, _prefix, path, kind);

    /// <summary>All the parts that stand on one line.</summary>
    private Node TakeValue(string[]? path)
    {
        var parts = new List<Node>();
        for (var blanks = Blanks(); !IsAtValueEnd(); blanks = Blanks())
        {
            if (parts.Count > 0 && blanks.Text.Length > 0)
            {
                parts.Add(blanks);
            }

            parts.Add(TakePart(path));
        }

        return parts switch
        {
            [] => throw _at.Error($"A value is expected, and here is {_at.Describe()}. Write \"\" for an empty text."),
            [var only] => only,
            _ => new ConcatNode(parts[0].At, parts),
        };

        BlankNode Blanks() => new(_at.Here, _at.TakeInlineBlanks());
    }

    // What cannot begin a part ends the value too: the separator that must follow then names the character.
    private bool IsAtValueEnd() => _at.IsAtEnd || _at.IsAtComment || _at.Current is '\n' or ',' or '}' or ']';

    private Node TakePart(string[]? path) => _at.Current switch
    {
        '{' => TakeObject(path),
        '[' => TakeList(),
        '"' => new TextNode(_at.Here, QuotedText.Take(_at)),
        '$' => TakeSubstitution(),
        _ => TakeUnquoted(),
    };

    private ListNode TakeList()
    {
        var open = _at.Here;
        Enter(1);
        _at.Advance();
        _at.SkipBlanks();
        var items = new List<Node>();
        while (_at.Current != ']')
        {
            if (_at.IsAtEnd || _at.Current == '}')
            {
                throw new HoconException(open, "This bracket is not closed. Add a ] at the end of the list.");
            }

            if (_at.Current == ',')
            {
                throw _at.Error("There is a comma too many. One stands between two values or after the last.");
            }

            items.Add(TakeValue(path: null));
            TakeSeparator(']', "two values of a list");
        }

        _at.Advance();
        _levels--;
        return new ListNode(open, items);
    }

    private TextNode TakeUnquoted()
    {
        var (at, start) = (_at.Here, _at.Position);
        SkipNumber();
        while (_at.IsAtUnquoted)
        {
            _at.Advance();
        }

        var text = _at.Since(start);
        return text.Length > 0 ? new TextNode(at, text, isNull: text == "null")
            : throw _at.Error($"Text without quotes cannot hold {_at.Describe()}. Put the whole value in quotes.");
    }

    // A number may hold the '+' of its exponent, which other texts may not. All else of a number are ordinary characters.
    private void SkipNumber()
    {
        if (!char.IsAsciiDigit(_at.Current) && _at.Current != '-')
        {
            return;
        }

        var last = _at.Current;
        for (; char.IsAsciiDigit(_at.Current) || _at.Current is '.' or '-'; _at.Advance())
        {
            last = _at.Current;
        }

        if (char.IsAsciiDigit(last) && (_at.StartsWith("e+") || _at.StartsWith("E+")))
        {
            _at.Advance(2);
        }
    }

    private SubstitutionNode TakeSubstitution()
    {
        var at = _at.Here;
        if (!_at.StartsWith("${"))
        {
            throw _at.Error("A '$' begins a substitution, ${path}. Put text that holds a '$' in quotes.");
        }

        _at.Advance(2);
        var kind = SubstitutionKind.Required;
        if (_at.Current == '?')
        {
            kind = SubstitutionKind.Optional;
            _at.Advance();
        }

        _at.TakeInlineBlanks();
        var path = Paths.Take(_at);
        if (_at.StartsWith("[]"))
        {
            kind |= SubstitutionKind.EnvironmentList;
            _at.Advance(2);
        }

        if (_at.Current != '}')
        {
            throw _at.Error(
                $"A substitution is ${{path}}, and here is {_at.Describe()}. Close it with }}; put an element that holds other characters in quotes.");
        }

        _at.Advance();
        return Substitution(at, path, kind);
    }

    /// <summary>The word alone, not <c>includes</c>, <c>include.x</c> or <c>"include"</c>.</summary>
    private bool IsAtInclude()
    {
        if (!_at.StartsWith("include"))
        {
            return false;
        }

        var start = _at.Position;
        _at.Advance("include".Length);
        var isWord = !_at.IsAtUnquoted;
        _at.Advance(start - _at.Position);
        return isWord;
    }

    private void TakeInclude(ObjectNode into, string[]? path)
    {
        var at = _at.Here;
        if (path is null)
        {
            throw _at.Error("include cannot be used inside a list. Include the file in an object and refer to it with ${path}.");
        }

        _at.Advance("include".Length);
        _at.SkipBlanks();
        var isRequired = _at.StartsWith("required(");
        var name = isRequired ? TakeWrapped("required", TakeResource) : TakeResource();
        foreach (var included in _files.Include(_at.File, name, isRequired, at, [.. _prefix, .. path]))
        {
            into.Merge(included);
        }
    }

    private string TakeResource()
    {
        var unreachable = Array.Find(UnreachableIncludes, word => _at.StartsWith($"{word}("));
        return unreachable is not null
            ? throw _at.Error($"include {unreachable}(…) is not supported: only files can be included. Write include \"name.conf\".")
            : _at.StartsWith("file(") ? TakeWrapped("file", TakeFileName) : TakeFileName();
    }

    private string TakeFileName() => _at.Current == '"'
        ? QuotedText.Take(_at)
        : throw _at.Error($"After include comes a file name in quotes, and here is {_at.Describe()}. A key of this name must be in quotes: \"include\".");

    private string TakeWrapped(string word, Func<string> takeInner)
    {
        _at.Advance(word.Length + 1);
        _at.SkipBlanks();
        var name = takeInner();
        _at.SkipBlanks();
        if (_at.Current != ')')
        {
            throw _at.Error($"After the file name comes ')', and here is {_at.Describe()}.");
        }

        _at.Advance();
        return name;
    }

    private void Enter(int levels)
    {
        _levels += levels;
        if (_levels > MostLevels)
        {
            throw _at.Error($"Objects and lists lie deeper than {MostLevels} levels. Write them flatter.");
        }
    }
}
