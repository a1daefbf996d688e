-- Has Neovim talk with `migsh lsp`, as somebody who edits a script would have it do.
--   MIGSH=… FOLDER=… nvim --headless -u NONE -i NONE -l client.lua     (before Neovim 0.9: -c 'luafile client.lua')
local folder = vim.env.FOLDER

local function fail(text)
  io.stderr:write("neovim: " .. text .. "\n")
  vim.cmd("cquit 1")
end

local function expect(condition, text, found)
  if not condition then fail(text .. (found ~= nil and (", found " .. vim.inspect(found)) or "")) end
end

local function main()
  vim.cmd("edit " .. folder .. "/main.migsh")
  local buffer = vim.api.nvim_get_current_buf()
  local id = vim.lsp.start_client({ name = "migsh", cmd = { vim.env.MIGSH, "lsp" }, root_dir = folder })
  expect(id, "the server does not start")
  vim.lsp.buf_attach_client(buffer, id)
  local client = vim.lsp.get_client_by_id(id)

  -- Waits until these are the beginnings of what is found.
  local function wait_for_findings(messages)
    local findings
    local function is_so()
      findings = vim.diagnostic.get(buffer)
      if #findings ~= #messages then return false end
      for index, message in ipairs(messages) do
        if findings[index].message:sub(1, #message) ~= message then return false end
      end
      return true
    end
    expect(vim.wait(10000, is_so, 10), "expected " .. vim.inspect(messages), findings)
    return findings[1]
  end

  local function ask(method, line, character)
    local parameters = {
      textDocument = { uri = vim.uri_from_bufnr(buffer) },
      position = line and { line = line, character = character },
    }
    local answers, mistake = vim.lsp.buf_request_sync(buffer, "textDocument/" .. method, parameters, 10000)
    expect(answers and answers[id] and not answers[id].error, method .. " fails", { answers, mistake })
    return answers[id].result
  end

  -- The file as it is, with a mistake behind a character of two UTF-16 units.
  local finding = wait_for_findings({ "there is no command `nde`" })
  expect(finding.lnum == 0 and finding.col == 12, "the mistake is elsewhere", finding)
  expect(finding.severity == vim.diagnostic.severity.ERROR, "it is no mistake", finding)

  -- Neovim sends only what is changed. Without mistakes there are warnings.
  vim.api.nvim_buf_set_text(buffer, 0, 12, 0, 15, { "node" })
  finding = wait_for_findings({ "`$unused` is never used" })
  expect(finding.lnum == 1 and finding.col == 4, "the warning is elsewhere", finding)
  expect(finding.severity == vim.diagnostic.severity.WARN, "it is no warning", finding)
  vim.api.nvim_buf_set_lines(buffer, 1, 2, true, { "spawn p --pages 3", "migrate p " })
  wait_for_findings({})

  local items = ask("completion", 2, 10).items
  local labels = vim.tbl_map(function(item) return item.label end, items)
  expect(vim.deep_equal(labels, { "a", "b" }), "other nodes are offered", labels)
  local hover = ask("hover", 1, 2).contents.value
  expect(hover:find("^spawn NAME"), "the help is another", hover)
  -- The definition is in a file that this one executes.
  vim.api.nvim_buf_set_lines(buffer, 2, 3, true, { "source lib.migsh", "go p" })
  wait_for_findings({})
  local definition = ask("definition", 3, 1)
  expect(definition.uri:find("/lib.migsh$") and definition.range.start.line == 1, "it is defined elsewhere", definition)
  expect(#ask("documentSymbol") == 0, "the outline is not empty")

  client.stop()
  expect(vim.wait(10000, function() return client.is_stopped() end, 10), "the server does not end")
  io.stdout:write("neovim: findings, changes, completion, help and definitions as they should be\n")
end

local is_good, mistake = pcall(main)
if not is_good then fail(tostring(mistake)) end
vim.cmd("qall!")
