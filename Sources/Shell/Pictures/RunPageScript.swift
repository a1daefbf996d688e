/// The program of the page about a run: it moves timeline, map, memory and events together through time.
///
/// It builds everything from texts and never from markup, so that nothing that a user has written can become markup.
enum RunPageScript {
  /// What the page's policy allows to run: SHA-256 of `text`, in base 64. A test says what it has to be.
  static let digest = "Fbvp1890/Gu3I23mjs6U3Xj6r5DtmBFz+Xc5QiC9fwI="

  /// What stands between the tags, in a form that is right in HTML and in XML.
  static let text = "//<![CDATA[\n" + body + "//]]>"

  private static let body = #"""
    (function () {
    "use strict";
    function id(name) { return document.getElementById(name); }
    var run = JSON.parse(id("run").textContent);
    var slider = id("slider"), play = id("play"), chooser = id("process");
    var now = run.end, timer = null, frame = null, shownMap = null, shownMemory = null;
    var SVG = "http://www.w3.org/2000/svg";

    function add(parent, tag, text, name) {
      var element = document.createElement(tag);
      if (text) { element.textContent = text; }
      if (name) { element.className = name; }
      parent.appendChild(element);
      return element;
    }
    function spaced(word) { return word.replace(/-/g, " "); }
    function clear(element) { while (element.firstChild) { element.removeChild(element.firstChild); } }

    function formatted(time) {
      var units = [["s", 1e9], ["ms", 1e6], ["us", 1e3], ["ns", 1]], i = 0;
      while (i < 3 && time < units[i][1]) { i += 1; }
      var number = time / units[i][1];
      return (number < 1e4 ? String(Number(number.toPrecision(4))) : String(Math.round(number))) + " " + units[i][0];
    }
    // The place of the last element that is not after a time; -1 when all are.
    function latest(list, time, of) {
      var low = 0, high = list.length;
      while (low < high) {
        var middle = (low + high) >> 1;
        if (of(list[middle]) <= time) { low = middle + 1; } else { high = middle; }
      }
      return low - 1;
    }
    function holds(span, time) { return span[0] <= time && (span[1] === null || time < span[1]); }

    // The line in each picture that has an axis of time.
    var pictures = Array.prototype.map.call(document.querySelectorAll("svg[data-plot]"), function (svg) {
      var plot = svg.getAttribute("data-plot").split(" ").map(Number), line = document.createElementNS(SVG, "line");
      line.setAttribute("class", "here");
      line.setAttribute("y1", plot[1]);
      line.setAttribute("y2", plot[3]);
      svg.appendChild(line);
      return {svg: svg, line: line, left: plot[0], width: plot[2], start: plot[4], end: plot[5]};
    });
    function showLines(time) {
      pictures.forEach(function (one) {
        var part = one.end > one.start ? (time - one.start) / (one.end - one.start) : 0;
        var x = one.left + one.width * Math.min(1, Math.max(0, part)), box = one.svg.parentNode;
        one.line.setAttribute("x1", x);
        one.line.setAttribute("x2", x);
        if (box.scrollWidth > box.clientWidth) { box.scrollLeft = x - box.clientWidth / 2; }
      });
    }

    // Where a process is, and in which state; null when it is not there.
    function stateOf(process, time) {
      if (time < process.from || process.to !== null && time >= process.to) { return null; }
      var low = 0, high = process.spans.length / 3;
      while (low < high) {
        var middle = (low + high) >> 1;
        if (process.spans[middle * 3] <= time) { low = middle + 1; } else { high = middle; }
      }
      if (low === 0) { return null; }
      return {node: process.spans[low * 3 - 2], state: run.states[process.spans[low * 3 - 1]]};
    }
    // Nodes that whole lines connect, directly or by way of others.
    function islands(nodes, cuts) {
      var cut = {}, rest = nodes.slice(), found = [];
      cuts.forEach(function (one) { cut[one[0] + " " + one[1]] = cut[one[1] + " " + one[0]] = true; });
      if (cuts.length === 0) { return nodes.length > 0 ? [nodes] : []; }
      while (rest.length > 0) {
        var next = [rest.shift()], island = [];
        while (next.length > 0) {
          var node = next.pop(), left = [];
          island.push(node);
          for (var i = 0; i < rest.length; i += 1) {
            (cut[node + " " + rest[i]] ? left : next).push(rest[i]);
          }
          rest = left;
        }
        found.push(island.sort(function (a, b) { return a - b; }));
      }
      return found;
    }
    function showMap(time) {
      var nodes = [], residents = {}, key = [];
      run.nodes.forEach(function (node, number) { if (holds([node.from, node.to], time)) { nodes.push(number); } });
      run.processes.forEach(function (process, number) {
        var state = stateOf(process, time);
        if (state) {
          (residents[state.node] = residents[state.node] || []).push({name: process.name, state: state.state});
          key.push(number, state.node, state.state.word);
        }
      });
      var cuts = run.cuts.filter(function (one) { return holds([one[2], one[3]], time); });
      function isDown(node) { return run.nodes[node].down.some(function (span) { return holds(span, time); }); }
      key.push(nodes.filter(isDown).join(), nodes.length, cuts.map(function (one) { return one[0] + "-" + one[1]; }).join());
      key = key.join(" ");
      if (key === shownMap) { return; }
      shownMap = key;
      var box = id("islands"), parts = islands(nodes, cuts);
      clear(box);
      parts.forEach(function (part, number) {
        var frame = add(box, "div", "", "island");
        if (parts.length > 1) { add(frame, "p", "part " + (number + 1) + " of " + parts.length, "quiet"); }
        var list = add(frame, "ul", "", "nodes");
        part.forEach(function (node) {
          var item = add(list, "li", "", isDown(node) ? "node down" : "node"), there = residents[node] || [];
          add(item, "strong", run.nodes[node].name);
          add(item, "span", isDown(node) ? " down" : there.length === 1 ? " 1 process" : " " + there.length + " processes", "quiet");
          there.slice(0, 12).forEach(function (one) {
            var line = add(item, "div", "", "process");
            add(line, "i", "", "key k-" + one.state.ink);
            add(line, "span", one.name + (one.state.word === "active" ? "" : ": " + spaced(one.state.word)));
          });
          if (there.length > 12) { add(item, "div", "and " + (there.length - 12) + " more", "quiet"); }
        });
      });
      var inside = cuts.filter(function (one) {
        return parts.some(function (part) { return part.indexOf(one[0]) >= 0 && part.indexOf(one[1]) >= 0; });
      });
      var names = inside.map(function (one) { return run.nodes[one[0]].name + "\u2013" + run.nodes[one[1]].name; });
      id("cuts").textContent = cuts.length === 0 ? "All lines are whole." :
        (parts.length > 1 ? "Between two parts every line is cut. " : "") + (names.length > 0 ? "Cut: " + names.join(", ") + "." : "");
    }

    var shapes = {};
    ["e", "t", "d", "r"].forEach(function (letter) {
      var path = id("shape-" + letter);
      shapes[letter] = {d: path.getAttribute("d"), name: path.getAttribute("class")};
    });
    function showMemory(time) {
      var process = run.processes[Number(chooser.value)], text = id("pages-text"), box = id("pages");
      if (!process) { return; }
      var state = stateOf(process, time), place = latest(process.memory, time, function (one) { return one[0]; });
      var moment = state && place >= 0 ? process.memory[place] : null;
      if (!state) {
        var ended = process.to !== null && time >= process.to;
        text.textContent = process.name + (ended ? process.lost ? " is lost." : " has ended." : " is not there yet.");
      } else {
        var where = process.name + " on " + run.nodes[state.node].name + ", " + spaced(state.state.word) + ": ";
        var look = run.looks[latest(run.looks, time, function (one) { return one; })];
        text.textContent = where + (moment && moment[4] ? process.pages + (process.pages === 1 ? " page, " : " pages, ") + moment[1] + " not empty, " + moment[2] +
          " written here, " + moment[3] + " on another node (as seen at " + formatted(look) + ")." : "its pages are on their way.");
      }
      box.setAttribute("aria-label", "Pages: " + text.textContent);
      var key = chooser.value + " " + (moment ? place : "none");
      if (key === shownMemory) { return; }
      shownMemory = key;
      clear(box);
      if (!moment || !moment[4]) { return; }
      var runs = moment[4].match(/\d+[a-z]/g) || [], paths = {}, cell = 0;
      runs.forEach(function (one) {
        var kind = one.slice(-1), end = cell + parseInt(one, 10);
        for (; cell < end; cell += 1) {
          paths[kind] = (paths[kind] || "") + shapes[kind].d.replace(/M([\d.]+) ([\d.]+)/g, function (all, x, y) {
            return "M" + (Number(x) + cell % 32 * 13) + " " + (Number(y) + Math.floor(cell / 32) * 13);
          });
        }
      });
      var svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 414 " + (Math.ceil(cell / 32) * 13 - 2));
      svg.setAttribute("aria-hidden", "true");
      Object.keys(paths).sort().forEach(function (kind) {
        var path = document.createElementNS(SVG, "path");
        path.setAttribute("class", shapes[kind].name);
        path.setAttribute("fill-rule", "evenodd");
        path.setAttribute("d", paths[kind]);
        svg.appendChild(path);
      });
      box.appendChild(svg);
    }

    // Events, as the table of the log has them.
    var rows = document.querySelectorAll("#log tbody tr"), times = [], total = 0;
    run.events.forEach(function (distance) { total += distance; times.push(total); });
    var before = 4, buttons = [];
    for (var i = 0; i < 9; i += 1) {
      (function () {
        var item = add(id("events"), "li"), button = add(item, "button", "", "event");
        button.type = "button";
        button.addEventListener("click", function () { stop(); go(times[Number(button.value)]); });
        buttons.push({item: item, button: button});
      })();
    }
    function showEvents(time) {
      var place = latest(times, time, function (one) { return one; });
      var first = Math.max(0, Math.min(place - before, times.length - buttons.length));
      buttons.forEach(function (one, offset) {
        var number = first + offset, row = rows[number];
        one.item.hidden = !row;
        if (!row) { return; }
        one.button.value = number;
        one.button.textContent = Array.prototype.map.call(row.cells, function (cell) { return cell.textContent; }).join("  ");
        one.item.className = number > place ? "later" : "";
        if (number === place) { one.item.setAttribute("aria-current", "true"); } else { one.item.removeAttribute("aria-current"); }
      });
      id("back").disabled = latest(times, now - 1, function (one) { return one; }) < 0;
      id("next").disabled = place + 1 >= times.length;
    }

    function go(time) {
      now = Math.min(run.end, Math.max(run.start, time));
      slider.value = run.end > run.start ? Math.round((now - run.start) / (run.end - run.start) * 1000) : 1000;
      slider.setAttribute("aria-valuetext", formatted(now));
      id("clock").textContent = formatted(now);
      showLines(now);
      showMap(now);
      showMemory(now);
      showEvents(now);
    }
    function stop() {
      if (timer !== null) { clearInterval(timer); }
      if (frame !== null) { cancelAnimationFrame(frame); }
      timer = frame = null;
      play.textContent = "Play";
    }
    function start() {
      var length = run.end - run.start;
      if (now >= run.end) { go(run.start); }
      play.textContent = "Pause";
      function forward(part) {
        go(now + length * part);
        if (now >= run.end) { stop(); return false; }
        return true;
      }
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
        timer = setInterval(function () { forward(1 / 20); }, 1000);
        return;
      }
      var last = null;
      frame = requestAnimationFrame(function draw(at) {
        var part = last === null ? 0 : (at - last) / 20000;
        last = at;
        if (forward(part)) { frame = requestAnimationFrame(draw); }
      });
    }

    slider.addEventListener("input", function () {
      stop();
      go(run.start + (run.end - run.start) * Number(slider.value) / 1000);
    });
    play.addEventListener("click", function () { if (timer === null && frame === null) { start(); } else { stop(); } });
    id("back").addEventListener("click", function () {
      stop();
      var place = latest(times, now - 1, function (one) { return one; });
      if (place >= 0) { go(times[place]); }
    });
    id("next").addEventListener("click", function () {
      stop();
      var place = latest(times, now, function (one) { return one; });
      if (place + 1 < times.length) { go(times[place + 1]); }
    });
    run.processes.forEach(function (process, number) {
      if (process.memory.length > 0) { add(chooser, "option", process.name).value = number; }
    });
    id("memory-panel").hidden = chooser.options.length === 0;
    chooser.addEventListener("change", function () { showMemory(now); });
    id("no-script").hidden = true;
    id("controls").hidden = id("moment").hidden = false;
    go(run.end);
    })();

    """#
}
